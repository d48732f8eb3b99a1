#!/usr/bin/env bash
# Every relative link of the documentation leads to a file, and to an existing heading if it names
# one; every path in backticks exists; the manual's index lists every page. Links to the web are not
# checked: a test needs no network. Messages in code blocks begin like those of the program.
set -euo pipefail
: "${NCA_SOURCE_DIR:?}"
cd "$NCA_SOURCE_DIR"
export LC_ALL=C.UTF-8
failed=0
complain() {
    echo "FAILED: $*" >&2
    failed=1
}

prose() { # a page without its code blocks
    awk '/^ *```/ { code = !code; next } !code' "$1"
}

anchors() { # what a page's headings are called in links: lower case, no punctuation, dashes
    prose "$1" | sed -nE 's/^#+ +(.*)/\L\1/p' | sed -E 's/[^[:alnum:] _-]//g; s/ /-/g'
}

links=0
check_link() { # PAGE TARGET
    local file=${2%%#*} anchor= path
    [[ $2 != *'#'* ]] || anchor=${2#*#}
    path=$(dirname "$1")/$file
    [ -n "$file" ] || path=$1
    links=$((links + 1))
    if [ ! -e "$path" ]; then
        complain "$1 links to $2, which does not exist"
    elif [ -n "$anchor" ] && ! grep -qxF -- "$anchor" < <(anchors "$path"); then
        complain "$1 links to $2, and $path has no such heading"
    fi
}

for page in *.md docs/*.md; do
    while read -r target; do
        case $target in
        http://* | https://* | mailto:*) ;;
        *) check_link "$page" "$target" ;;
        esac
    done < <(prose "$page" | grep -oE '\]\([^) ]+\)' | sed -E 's/^\]\(//; s/\)$//')
    while read -r path; do
        [ -e "$path" ] || complain "$page names $path, which does not exist"
    done < <(prose "$page" |
        grep -oE '`(bench|cmake|configs|docs|examples|include|src|tests|tools)/[A-Za-z0-9_./-]+`' |
        tr -d '`')
done
[ "$links" -ge 20 ] || complain "only $links links found"

for page in docs/*.md; do
    name=${page##*/}
    [ "$name" = README.md ] || grep -q "]($name)" docs/README.md ||
        complain "docs/README.md does not list $name"
done
# Error messages are shown as the program prints them.
bare=$(awk '/^ *```/ { code = !code }
            code && /^[A-Za-z0-9_.\/-]+\.(yaml|csv|pt|png|npz|npy|safetensors)(:[0-9]+)?: / {
                print FILENAME ":" FNR ": " $0 }' README.md docs/*.md)
[ -z "$bare" ] || complain "messages without \"nca: \" before them: $bare"
[ "$failed" -eq 0 ]
echo "$links links lead somewhere"
