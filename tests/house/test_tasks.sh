#!/usr/bin/env bash
# Only the task layers name tasks: in the layers below them, in training and in the backends,
# nothing names a task or its subject.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}"
cd "$NCA_SOURCE_DIR"

# Growth has an RGBA image as its target. The losses are rows of the core that no file here names.
words='\bNCA_TASK_|\brgba|\btargets?\b|target_|\bgrowth\b|\bgrowing\b|NCA_EXPERIMENT_|\bnca_loss_value\b'
# Names of tasks, as in their rows.
names=$(sed -nE 's/^ *\.name = "([a-z_]+)",$/\1/p' src/task/*.c | sort -u)
[ -n "$names" ] || { echo "FAILED: no task found in src/task" >&2; exit 1; }
for name in $names; do
    words="$words|\"$name\"|task/$name"
done
for symbol in $(sed -nE 's/^const nca__task (nca__[a-z_]+) = .*/\1/p' src/task/*.c); do
    words="$words|\b$symbol\b"
done

# The parts of the public interface about growth: the rollout's pictures, sessions of a target.
allowed='/rollout\.[ch]$|^src/train/(grow|classify)_session\.c$|^src/core/loss(_terms)?\.[ch]$'
folders='^src/(kernels|core|network|tape|train|rollout|backend)/'
files=$(find src -name '*.[ch]' | grep -E "$folders" | grep -vE "$allowed" | sort)
[ "$(wc -l <<<"$files")" -ge 60 ] || { echo "FAILED: only few files found" >&2; exit 1; }
# shellcheck disable=SC2086
if grep -niE "$words" $files | grep -v 'CL_TARGET_OPENCL_VERSION'; then
    echo "FAILED: these lines name a task or what it is about; say it in src/task" >&2
    exit 1
fi
# In training, only the public interface calls the file of a task.
if grep -rnE 'nca__(growth|classification)\b' src --include='*.[ch]' |
    grep -vE '^src/(task|train/(grow|classify)_session)'; then
    echo "FAILED: a task is called by name" >&2
    exit 1
fi
echo "$(wc -l <<<"$files") files name no task"
