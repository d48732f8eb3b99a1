# Drawing in a terminal, and restoring the terminal afterwards: with the pseudo-terminal of `script`
# (Debian's bsdutils).
. "$(dirname "$0")/common.sh" "$1"
script -qec true /dev/null </dev/null >/dev/null 2>&1 || {
    echo "skipped: no program script (Debian: bsdutils), or no pseudo-terminal for it (/dev/pts)"
    exit 77
}
unset NO_COLOR TMUX KITTY_WINDOW_ID TERM_PROGRAM
export TERM=xterm-256color LC_ALL=C.UTF-8
escape=$(printf '\033')

# in_terminal CODE COLUMNS ROWS ARGUMENTS...: the bytes sent to the terminal are in seen.txt.
in_terminal() {
    local expected=$1 columns=$2 rows=$3 code
    shift 3
    script -qec "stty cols $columns rows $rows; $program $*" /dev/null </dev/null >seen.txt 2>&1
    code=$?
    [ "$code" = "$expected" ] || fail "nca $*: expected exit code $expected, found $code"
}

count() { # how often a text of escape codes stands in seen.txt
    grep -oF -- "$escape$1" seen.txt | wc -l
}

# Every alternate screen that was entered was left, with the cursor visible at the end.
is_given_back() {
    [ "$(count '[?1049h')" = 1 ] && [ "$(count '[?1049l')" = 1 ] || fail "$1: the screen was not left"
    [ "$(count '[?25l')" = 1 ] && [ "$(count '[?25h')" = 1 ] || fail "$1: the cursor stays hidden"
    [ "$(count '[?2026h')" = "$2" ] || fail "$1: $(count '[?2026h') frames, not $2"
}

run 0 train "${tiny[@]}" --iterations 3 -o run --quiet
run 0 train "${tiny[@]}" --img-size 12 --iterations 3 -o other --quiet

cksum run/* >before.txt
in_terminal 0 60 20 visualize run --terminal --steps 4 --fps 100
is_given_back blocks 5
grep -q 'step 4 of 4' seen.txt || fail "no line above the picture"
grep -q 'L2 loss after 4 steps' seen.txt || fail "the loss is not printed"
grep -q '▀' seen.txt || fail "no half blocks"
cksum run/* | cmp -s - before.txt || fail "a file was written"

# 12 cells per side, three times as large: 36 columns in 18 lines of 20; then 9 columns of the
# window.
[ "$(sed -n 2p seen.txt | grep -o '▀' | wc -l)" = 36 ] || fail "$(sed -n 2p seen.txt | grep -o '▀' | wc -l) columns"
in_terminal 0 9 20 visualize run --terminal=blocks --steps 1 --fps 100 --view alive
[ "$(sed -n 2p seen.txt | grep -o '▀' | wc -l)" = 9 ] || fail "the picture is wider than the window"

in_terminal 0 60 20 visualize run other --terminal --steps 2 --fps 100 --view hidden
grep -q 'step 2 of 2: run | other' seen.txt || fail "the models are not named"
grep -q 'colours from' seen.txt || fail "no scale"

in_terminal 0 60 20 visualize run --terminal=kitty --steps 2 --fps 100
is_given_back kitty 3
[ "$(count _Ga=T,f=100)" = 4 ] || fail "$(count _Ga=T,f=100) pictures, not 3 and the last again"
in_terminal 0 60 20 visualize run --terminal=sixel --steps 2 --fps 100
is_given_back sixel 3
[ "$(count P0\;1\;0q)" = 4 ] || fail "$(count P0\;1\;0q) pictures, not 3 and the last again"
TERM=xterm-kitty in_terminal 0 60 20 visualize run --terminal --steps 1 --fps 100
[ "$(count _Ga=T)" = 3 ] || fail "a kitty is not recognised"
LC_ALL=C in_terminal 0 60 20 visualize run --terminal --steps 1 --fps 100
! grep -q '▀' seen.txt && grep -q 'step 1 of 1' seen.txt || fail "blocks without Unicode"

# Ctrl-C as sent by the terminal, so that the whole path is tested.
(
    for _ in $(seq 200); do
        sleep 0.05
        [ "$(count '[?2026h')" -gt 3 ] && break
    done
    printf '\003'
    sleep 0.5
) | script -qfec "$program visualize run --terminal --steps 100000 --fps 20" seen.txt >/dev/null 2>&1
code=$?
[ "$code" = 130 ] || fail "after Ctrl-C: exit code $code"
[ "$(count '[?1049l')" = 1 ] && [ "$(count '[?25h')" = 1 ] || fail "Ctrl-C leaves the terminal in disorder"
grep -q 'nca: stopped' seen.txt || fail "it does not say that it was stopped"

refuses 2 '--terminal: standard output is not a terminal; *-o growth.gif' \
    visualize run --terminal
refuses 2 '--terminal:*"ascii"*' visualize run --terminal=ascii
refuses 2 '--terminal * file; remove --output or --terminal' \
    visualize run --terminal -o x.gif
refuses 2 '--grid *; remove --terminal' \
    visualize run --terminal --grid
TERM=dumb in_terminal 2 60 20 visualize run --terminal
grep -q 'not a terminal that can move its cursor' seen.txt || fail "$(cat seen.txt)"

# The preview of training is drawn on a terminal only, and does not change a bit of the result.
in_terminal 0 80 30 train "${tiny[@]}" --iterations 40 -o shown --preview
grep -q '▀' seen.txt || fail "no preview"
run 0 train "${tiny[@]}" --iterations 40 -o plain --preview
! grep -q '▀' err.txt out.txt || fail "a preview outside a terminal"
same_file shown/model.safetensors plain/model.safetensors
for folder in shown plain; do
    cut -d, -f1-9 $folder/metrics.csv >$folder.csv # without the seconds
done
same_file shown.csv plain.csv
in_terminal 0 80 30 train "${tiny[@]}" --iterations 4 -o quiet --preview --quiet
! grep -q '▀' seen.txt || fail "--quiet shows a preview"
in_terminal 0 80 30 train "${tiny[@]}" --iterations 4 -o without
! grep -q '▀' seen.txt || fail "a preview that nobody asked for"
finish
