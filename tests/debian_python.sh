# Sourced by tests that run Python, with the names of the modules that they need. Sets `python`, the
# interpreter to which Debian's packages belong, or ends the test as skipped.
python=/usr/bin/python3
[ -x "$python" ] || python=python3
for module in "$@"; do
    "$python" -c "import $module" 2>/dev/null || {
        echo "skipped: Python's module $module is missing (on Debian python3-$module)"
        exit 77
    }
done
export PYTHONDONTWRITEBYTECODE=1
