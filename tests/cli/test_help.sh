# Help and version: the layout of one page is checked word for word (after a change: nca rollout
# --help > golden/rollout.txt); every page lists exactly the options that docs/commands.md
# describes.
. "$(dirname "$0")/common.sh" "$1"
manual=$golden/../../../docs/commands.md

# The commands that a page lists.
commands_of() {
    sed -n '/^Commands:/,/^$/s/^  \([a-z-]\+\)  .*/\1/p' "$1"
}
run 0 --help
commands=$(commands_of out.txt)
[ "$(echo $commands)" = "train sweep visualize play export watch evaluate predict report rollout info convert data benchmark-medmnist bench" ] ||
    fail "the commands are" $commands
run 0 data --help
data_commands=$(commands_of out.txt | sed 's/^/data /')
[ "$(echo "$data_commands" | wc -l)" = 8 ] || fail "the commands of data are" $data_commands

run 0 rollout --help
same_file out.txt "$golden/rollout.txt"

# The options of a page, each with its letter if it has one, and its description.
options_of() {
    sed '/^Settings/,$d; /^Examples/,$d' "$1" | sed -nE 's/^  ((-[a-z]), )?(--[a-z-]+).*/\3 \2/p' |
        grep -v '^--help'
}
check_page() { # COMMAND...
    run 0 "$@" --help
    same_text err.txt ""
    mv out.txt page.txt
    grep -q "^usage: nca $* *" page.txt || fail "nca $* --help prints no usage"
    ! sed '/^Examples/,$d' page.txt | grep -nE '.{89}| $' ||
        fail "nca $* --help: lines are too long or end with a space"
    grep -q '^  -h, --help ' page.txt || fail "nca $* --help does not list --help"
    run 0 help "$@"
    same_file out.txt page.txt
    [ "$*" != data ] || return # a group of commands takes no options
    run 0 "$@" -q --help # every command accepts -q, also without progress
    same_file out.txt page.txt
    run 0 "$@" --quiet -h
    same_file out.txt page.txt
}
# section COMMAND: its section of the manual.
section() {
    sed "1,/^## nca $1\$/d; /^## /,\$d" "$manual"
}
for command in $commands; do
    section "$command" >section.txt
    [ -s section.txt ] || fail "docs/commands.md has no section for nca $command"
    check_page "$command"
    options_of page.txt >options.txt
    cp page.txt pages.txt
    if [ "$command" = data ]; then
        while read -r group name; do
            run 0 data help
            grep -q "^  $name  " out.txt || fail "nca data does not list $name"
            check_page "$group" "$name"
            options_of page.txt >>options.txt
            cat page.txt >>pages.txt
        done <<<"$data_commands"
    fi
    [ -s options.txt ] || fail "no options in the help of $command"
    while read -r name letter; do
        grep -qE -- "(^|[^a-z-])(${name}${letter:+|$letter})($|[^a-z-])" section.txt ||
            fail "docs/commands.md does not describe $name of nca $command"
    done <options.txt
    # The first column of a table of options.
    while read -r option; do
        grep -qE -- "^  (-[a-z], )?$option( |\[|\$)|^  $option, " pages.txt ||
            fail "the help of nca $command does not list $option"
    done < <(sed -nE 's/^\| (`-[^|]*)\|.*/\1/p' section.txt | grep -oE -- '(`|, )--?[a-z][a-z-]*' |
        sed -E 's/^(`|, )//')
done
rm page.txt pages.txt section.txt options.txt

# Every setting of a run is an option of nca train.
run 0 train "${tiny[@]}" --iterations 1 --quiet -o run
run 0 train --help
for key in $(sed -nE 's/^([a-z_0-9]+):.*/\1/p' run/config.yaml); do
    [ "$key" != target_path ] || key=target
    grep -qE -- "^  (-[a-z], )?--(\[no-\])?${key//_/-} " out.txt ||
        fail "nca train --help does not list the setting $key"
done
rm -r run

for arguments in --help -h help; do
    run 0 "$arguments"
    [ "$(commands_of out.txt)" = "$commands" ] || fail "nca $arguments does not list the commands"
done
tr -s ' \n' ' ' <out.txt | grep -q 'nca help COMMAND' || fail "the help does not name nca help"
for flag in --help -h; do
    run 0 "$flag" rollout
    same_file out.txt "$golden/rollout.txt"
    refuses 2 'unknown command "foo"; *' "$flag" foo
    refuses 2 'unknown command "gett"; *"get"?' data "$flag" gett
done
run 0 data get --help
mv out.txt page.txt
run 0 --help data get
same_file out.txt page.txt
rm page.txt
run 0 --version
grep -Eqx 'nca [0-9]+\.[0-9]+\.[0-9]+' out.txt || fail "the version is $(cat out.txt)"
[ "$(ls)" = "$(printf 'err.txt\nout.txt')" ] || fail "help left files: $(ls)"
finish
