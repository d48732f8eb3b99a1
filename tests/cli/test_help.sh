# Help and version, word for word. After a change of help: nca train --help > golden/train.txt.
. "$(dirname "$0")/common.sh" "$1"

for command in train visualize play watch export evaluate report rollout info convert bench; do
    run 0 "$command" --help
    same_file out.txt "$golden/$command.txt"
    same_text err.txt ""
    run 0 help "$command"
    same_file out.txt "$golden/$command.txt"
done
run 0 data --help
same_file out.txt "$golden/data.txt"
for page in "$golden"/data_*.txt; do
    command=${page##*/data_}
    command=${command%.txt}
    run 0 data "$command" --help
    same_file out.txt "$page"
    run 0 help data "$command"
    same_file out.txt "$page"
    run 0 data help
    grep -q "^  $command  " out.txt || fail "nca data does not list $command"
done
# The list of settings is that of nca train.
run 0 sweep --help
sed -i '/^Settings/,/^Examples/d' out.txt
same_file out.txt "$golden/sweep.txt"
for arguments in --help -h help; do
    run 0 "$arguments"
    grep -q '^usage: nca COMMAND' out.txt || fail "$arguments prints no usage"
    for command in train sweep visualize play watch export evaluate report rollout info convert data bench; do
        grep -q "^  $command  " out.txt || fail "help does not list $command"
    done
done
# Every option of a page stands in the command's section of the manual, by its name or its letter.
manual=$golden/../../../docs/commands.md
for page in "$golden"/*.txt; do
    command=$(basename "$page" .txt)
    sed "1,/^## nca ${command%%_*}\$/d; /^## /,\$d" "$manual" >section.txt
    [ -s section.txt ] || fail "docs/commands.md has no section for nca $command"
    sed '/^Settings/,$d; /^Examples/,$d' "$page" | sed -nE 's/^  ((-[a-z]), )?(--[a-z-]+).*/\3 \2/p' |
        grep -v '^--help' >options.txt
    [ -s options.txt ] || [ "$command" = data ] || fail "no options in the help of $command"
    while read -r name letter; do
        grep -qE -- "(^|[^a-z-])(${name}${letter:+|$letter})($|[^a-z-])" section.txt ||
            fail "docs/commands.md does not describe $name of nca ${command/_/ }"
    done <options.txt
done
rm section.txt options.txt
# Every command takes -q and --quiet, those without progress too.
for command in train sweep visualize play watch export evaluate report rollout info convert bench; do
    run 0 "$command" -q --help
    run 0 "$command" --quiet -h
done
for page in "$golden"/data_*.txt; do
    command=${page##*/data_}
    run 0 data "${command%.txt}" -q --help
    grep -q 'Options:' out.txt || fail "data ${command%.txt} -q: $(cat out.txt)"
done
run 0 --version
grep -Eqx 'nca [0-9]+\.[0-9]+\.[0-9]+' out.txt || fail "the version is $(cat out.txt)"
[ "$(ls)" = "$(printf 'err.txt\nout.txt')" ] || fail "help left files: $(ls)"
finish
