# Shared by the scripts that compare sweeps.

# results FOLDER: summary.csv without the seconds, which differ between sweeps.
results() {
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "seconds") skip = i }
             { line = ""; for (i = 1; i <= NF; i++) if (i != skip) line = line "," $i; print line }' \
        "$1/summary.csv"
}
