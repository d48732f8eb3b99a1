#!/usr/bin/env bash
# The completions of bash, zsh and fish offer all commands and options. zsh and fish are only asked
# where they are installed.
set -euo pipefail
: "${NCA_PROGRAM:?}" "${NCA_BUILD_DIR:?}"
share=$NCA_BUILD_DIR/share
[ -d "$share/bash-completion" ] || { echo "skipped: this build has no completions"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

fail() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

commands_of() { # GROUP...: its commands
    "$NCA_PROGRAM" "$@" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]\+\)  .*/\1/p' | sort
}

# The options of a command with the placeholders of their values.
options_of() { # COMMAND...
    "$NCA_PROGRAM" "$@" --help | sed -nE 's/^  (-[a-z], )?(--.*)/\2/p' | sed -E 's/  .*//' |
        sed -E 's/^--\[no-\](.*)/--\1\n--no-\1/; s/\[=.*//'
}

# ---- bash
bash -n "$share/bash-completion/completions/nca" || fail "bash does not accept its file"
. "$share/bash-completion/completions/nca"
complete -p nca | grep -q '_nca nca' || fail "nothing is registered for nca"

offered() { # WORDS...: what is offered for the last one, sorted
    COMP_WORDS=(nca "$@") COMP_CWORD=$#
    _nca
    printf '%s\n' "${COMPREPLY[@]}" | sort
}

check() { # EXPECTED WORDS...
    local expected=$1 found
    shift
    found=$(offered "$@" | xargs)
    [ "$found" = "$expected" ] || fail "nca $*: offered \"$found\", not \"$expected\""
}

check_command() { # COMMAND...
    local option value
    options_of "$@" >"$scratch/options"
    check "$(sed 's/ .*//' "$scratch/options" | sort | xargs)" "$@" --
    while read -r option value; do
        COMP_WORDS=(nca "$@" "$option" "") COMP_CWORD=$(($# + 2))
        _nca || true
        case "$* $option $value" in
        "data montage --class NAME") ;; # a class of the set
        *" NAME" | *int8) [ ${#COMPREPLY[@]} -gt 0 ] || fail "nca $* $option: no values are offered" ;;
        "data "*" ") ;; # the sets, of whatever follows
        *) [ ${#COMPREPLY[@]} = 0 ] || fail "nca $* $option: values are offered" ;;
        esac
    done <"$scratch/options"
}

check "$(printf '%s\n' help $(commands_of) | sort | xargs)" ""
check "$(commands_of | xargs)" help ""
check "$(commands_of data | xargs)" data ""
check "$(commands_of data | xargs)" help data ""
for command in $(commands_of); do
    [ "$command" = data ] || check_command "$command"
done
for command in $(commands_of data); do
    check_command data "$command"
done
check "--experiment" train --exp
check "--help --version" --
check "growing persistent regenerating" train --experiment ""
check "growing persistent regenerating" train --experiment =
check "regenerating" train --target x.png --experiment = reg
check "classify distill fast medmnist robust" sweep grid.yaml --recipe ""
check "fp32 int8" evaluate runs/photo --precision ""
check "bf16 bf16-amx fp32" train --precision ""
check "test train val" data show breastmnist --split ""
check "int8" export --quantise ""
check "breastmnist" data get brea
check "" train --target "" # files, which readline completes

# ---- zsh: a terminal in which the tabulator is pressed
if command -v zsh >/dev/null; then
    zsh -n "$share/zsh/site-functions/_nca" || fail "zsh does not accept its file"
    cat >"$scratch/press.zsh" <<'END'
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1= TERM=dumb HISTFILE= fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; echo rea''dy"
zpty -r -m shell said '*ready*' || exit 1
zpty -w -n shell "$2"$'\t'
zpty -r -m shell said "*$3*" || exit 1
zpty -d shell
END
    presses() { # LINE COMPLETED
        timeout 60 zsh -f "$scratch/press.zsh" "$share/zsh/site-functions" "$1" "$2" ||
            fail "zsh: $1<TAB> does not become $2"
    }
    presses "nca vis" "nca visualize "
    presses "nca data mon" "nca data montage "
    presses "nca train --experi" "nca train --experiment"
    presses "nca train --experiment reg" "nca train --experiment regenerating"
    presses "nca sweep grid.yaml --no-normal" "nca sweep grid.yaml --no-normalise-gradient"
    presses "nca data get brea" "nca data get breastmnist"
    presses "nca help ben" "nca help bench"
fi

# ---- fish
if command -v fish >/dev/null; then
    file=$share/fish/vendor_completions.d/nca.fish
    fish --no-execute "$file" || fail "fish does not accept its file"
    export HOME=$scratch XDG_CONFIG_HOME=$scratch XDG_DATA_HOME=$scratch
    fish_check() { # EXPECTED LINE
        local found
        found=$(fish -c "source $file; complete -C '$2'" | cut -f 1 | sort | xargs)
        [ "$found" = "$1" ] || fail "fish: $2: offered \"$found\", not \"$1\""
    }
    cd "$scratch"
    fish_check "$(printf '%s\n' help $(commands_of) | sort | xargs)" "nca "
    fish_check "$(commands_of data | xargs)" "nca data "
    for command in train "data show" evaluate; do
        fish_check "$(options_of $command | sed 's/ .*//' | sort | xargs)" "nca $command --"
    done
    fish_check "regenerating" "nca train --experiment reg"
    fish_check "test train val" "nca data show breastmnist --split "
    fish_check "breastmnist" "nca data get brea"
fi
[ "$failures" -eq 0 ]
