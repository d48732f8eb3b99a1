# No byte of a path, a name or a file controls the terminal, neither in a message nor in a result on
# a terminal. A program that reads the results gets the names unchanged.
. "$(dirname "$0")/common.sh" "$1"
escape=$(printf '\033')
csi=$(printf '\302\233')      # the same in one character of Unicode's second set
override=$(printf '\342\200\256') # text behind it runs from right to left
evil="a${escape}[31m${csi}2J$(printf '\177\a\r')${override}b"

# clean FILE WHAT: contains no control characters, except the progress line's own erase sequence.
clean() {
    sed -i "s/\r$escape\[K//g" "$1"
    if LC_ALL=C grep -qaF -e "$escape" -e "$csi" -e "$override" "$1" ||
        LC_ALL=C tr -d '\r' <"$1" | LC_ALL=C grep -qa "[$(printf '\177\a')]"; then
        fail "$2: $(cat -v "$1")"
    fi
}

# says_clean ARGUMENTS...: prints a message without control characters.
says_clean() {
    "$program" "$@" >out.txt 2>err.txt </dev/null
    [ -s err.txt ] || fail "nca $(printf '%s ' "$@" | cat -v) says nothing"
    clean err.txt "nca $(printf '%s ' "$@" | cat -v)"
    [ "$(tr -cd '\r' <err.txt | wc -c)" = 0 ] || fail "a carriage return is said"
}

says_clean "$evil"
says_clean info "$evil"
says_clean info --"$evil"
says_clean train --target "$evil" -o x
says_clean train --target phantom --model-path "$evil/x.safetensors" -o x
says_clean train --resume "$evil"
says_clean train --config "$evil"
says_clean train --recipe "$evil"
says_clean train --live=9000 --bind "$evil" -o x
says_clean sweep "$evil.yaml"
says_clean visualize "$evil"
says_clean evaluate "$evil"
says_clean report "$evil"
says_clean report "$evil" -o "$evil/x.html"
says_clean watch "$evil"
says_clean play "$evil"
says_clean export "$evil"
says_clean rollout "$evil"
says_clean convert "$evil" "$evil.pt"
says_clean bench --case "$evil"
says_clean data info "$evil"
says_clean data get "$evil"
says_clean data verify "$evil"
says_clean data export "$evil" --out x

mkdir "$evil"
run 0 train "${tiny[@]}" --iterations 2 -o "$evil/run" --quiet
grep -qF "$evil/run/model.safetensors" out.txt || fail "a reader does not get the name as it is"
says_clean train "${tiny[@]}" --iterations 2 -o "$evil/run"
mkdir "$evil/busy"
says_clean train "${tiny[@]}" --iterations 1 -o "$evil/busy/x" --model-path "$evil/busy"

# A failing run of a sweep, with such a name in the reason.
printf 'target: "%s"\niterations: 1\nseed: [0, 1]\n' 'none\e[31m.png' >sweep.yaml
says_clean sweep sweep.yaml -o grid

# ---- On a terminal.
script -qec true /dev/null </dev/null >/dev/null 2>&1 || finish
in_terminal() {
    {
        printf '%q ' "$program" "$@"
    } >command.sh
    script -qec 'bash command.sh' /dev/null </dev/null >seen.txt 2>&1
    [ -s seen.txt ] || fail "nothing is seen"
    clean seen.txt "nca $(cat -v command.sh)"
}
in_terminal info "$evil/run"
in_terminal info "$evil/run" --json
in_terminal export "$evil/run" -o "$evil/page.html"
in_terminal export "$evil/run" --quantise int8 -o "$evil/page.html"
in_terminal visualize "$evil/run" -o "$evil/a.gif" --steps 3
in_terminal evaluate "$evil/run" --rollouts 2 --steps 4 --quiet
in_terminal rollout "$evil/run" -o "$evil/states.npy" --steps 3
in_terminal convert "$evil/run/model.safetensors" "$evil/model.pt"
in_terminal report "$evil/run" -o "$evil/report.html" --rollouts 0 --quiet
in_terminal data synth bloodmnist -o "$evil/blood.npz" --count 2,2,2
in_terminal data info "$evil/blood.npz"
in_terminal data verify "$evil/blood.npz"
in_terminal data list --root "$evil"
in_terminal data montage "$evil/blood.npz" -o "$evil/sheet.png"
in_terminal data export "$evil/blood.npz" --out "$evil/images" --quiet
in_terminal train "${tiny[@]}" --iterations 2 -o "$evil/other" --quiet
finish
