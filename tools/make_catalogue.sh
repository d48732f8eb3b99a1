#!/usr/bin/env bash
# Prints src/data/medmnist_catalogue.inc, the C table of the MedMNIST sets, from the facts in
# src/data/medmnist_info.tsv (tab-separated, a header line and one line per set):
#
#   tools/make_catalogue.sh > src/data/medmnist_catalogue.inc
#
# The result is committed, so that a build does not need this script or awk.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

awk -F '\t' '
# "organmnist3d" is spelt OrganMNIST3D; OCT is an abbreviation; A, C and S are the views.
function title(flag,    text) {
    text = toupper(substr(flag, 1, 1)) substr(flag, 2)
    sub(/^Oct/, "OCT", text)
    sub(/^Organa/, "OrganA", text)
    sub(/^Organc/, "OrganC", text)
    sub(/^Organs/, "OrganS", text)
    sub(/mnist/, "MNIST", text)
    sub(/3d$/, "3D", text)
    return text
}

function fail(what) {
    print "make_catalogue.sh: line " NR ": " what > "/dev/stderr"
    failed = 1
    exit 1
}

# "0=adipose; 1=background": the numbers must count up from 0 because they are the array indices.
function print_labels(flag, text,    parts, count, i, label) {
    count = split(text, parts, /; /)
    printf "static const char *const %s_labels[] = {\n", flag
    for (i = 1; i <= count; i++) {
        label = parts[i]
        if (index(label, (i - 1) "=") != 1 || label ~ /["\\]/)
            fail("label " (i - 1) " should read \"" (i - 1) "=NAME\" without quotes; found \"" label "\"")
        printf "    \"%s\",\n", substr(label, length(i - 1) + 2)
    }
    printf "};\n"
    return count
}

function print_files(flag,    i, md5, url) {
    printf "static const nca_medmnist_file %s_files[] = {\n", flag
    for (i = 1; i <= sizes; i++) {
        md5 = $column["MD5_" size[i]]
        url = $column["url_" size[i]]
        if (md5 != "") {
            if (length(md5) != 32 || url !~ /^https:/)
                fail("size " size[i] " needs a 32-digit MD5 checksum and an https address")
            printf "    {%d, \"%s\",\n     \"%s\"},\n", size[i], md5, url
        }
    }
    printf "};\n"
}

BEGIN {
    sizes = split("28 64 128 224", size, " ")
    print "/* Made by tools/make_catalogue.sh from src/data/medmnist_info.tsv; change those. */"
}
NR == 1 {
    for (i = 1; i <= NF; i++)
        column[$i] = i
    next
}
{
    flag = $column["flag"]
    print ""
    if (print_labels(flag, $column["labels"]) != $column["n_classes"])
        fail("the number of labels is not n_classes, " $column["n_classes"])
    print_files(flag)
    row[NR] = sprintf("    {.name = \"%s\",\n     .title = \"%s\",\n     .task = \"%s\",\n" \
        "     .dimensions = %d,\n     .channels = %d,\n     .classes = %d,\n" \
        "     .labels = %s_labels,\n     .count = {%d, %d, %d},\n     .licence = \"%s\",\n" \
        "     .files = %s_files,\n     .file_count = sizeof %s_files / sizeof *%s_files},\n",
        flag, title(flag), $column["task"], $column["dims"], $column["n_channels"],
        $column["n_classes"], flag, $column["n_train"], $column["n_val"], $column["n_test"],
        $column["license"], flag, flag, flag)
}
END {
    if (failed)
        exit 1
    print "\nstatic const nca_medmnist_set sets[] = {"
    for (i = 2; i <= NR; i++)
        printf "%s", row[i]
    print "};"
}' src/data/medmnist_info.tsv
