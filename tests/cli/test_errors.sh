# Wrong command lines and configurations: exact messages, exit codes, and nothing left on the disk.
. "$(dirname "$0")/common.sh" "$1"

refuses 2 'expected a command; see `nca --help`'
refuses 2 'unknown command "trian"; did you mean "train"?' trian
refuses 2 'unknown command "zzz"; see `nca --help`' zzz
refuses 2 'unknown option --verison; see `nca --help`' --verison
refuses 2 'unknown option --learning-rat; did you mean --learning-rate?' train --learning-rat 1
refuses 2 'unknown option --overwrit; did you mean --overwrite?' train --overwrit
refuses 2 'unknown option --qqqqq; see `nca train --help`' train --qqqqq
refuses 2 'precision: expected one of fp32, bf16 or bf16-amx, found "int8"' train --precision int8
refuses 2 'unknown option -z; see `nca train --help`' train -z
refuses 2 '--iterations needs a value; see `nca train --help`' train --iterations
refuses 2 '-o needs a value, DIR; see `nca train --help`' train -o
refuses 2 '--json needs a value, FILE; see `nca evaluate --help`' evaluate m --json
refuses 2 '--json needs a value, FILE, found the option --quiet; see `nca evaluate --help`' evaluate m --json --quiet
refuses 2 '--iterations needs a value, found the option --quiet; see `nca train --help`' train --iterations --quiet
refuses 2 '--quiet takes no value' train --quiet=yes
refuses 2 'unexpected argument "photo.png"; see `nca train --help`' train photo.png
refuses 2 'n_channels: expected an integer from 4 to 1024, found "3"' train --n-channels 3
refuses 2 'batch_size: expected an integer from 1 to 65536, found "0"' train --batch-size=0
refuses 2 'fire_rate: expected a number from 1e-06 to 1, found "0"' train --fire-rate 0
refuses 2 'threads: expected an integer from 0 to 1024, found "100000"' train --threads 100000
refuses 2 'iterations: expected an integer from 1 to 4000000000, found "0"' train --iterations 0
refuses 2 'pool_size: expected at least batch_size (8), found 4; raise pool_size or lower batch_size' \
    train --recipe distill --pool-size 4
refuses 2 'stretch: expected true or false, found "perhaps"' train --stretch=perhaps
refuses 2 '--resume continues in *; remove -o' train --resume x -o y
refuses 1 'no.png: cannot be opened: No such file or directory' train --target no.png
refuses 2 'expected a model file or a run folder; see `nca visualize --help`' visualize
refuses 2 'expected a model file or a run folder; see `nca info --help`' info

printf 'iterations: 5\nlerning_rate: 1\n' >c.yaml
refuses 2 'c.yaml:2: unknown setting "lerning_rate"; did you mean "learning_rate"?' \
    train --config c.yaml
printf 'iterations: [5]\n' >c.yaml
refuses 2 'c.yaml:1: iterations: expected a plain value, found a list' train --config c.yaml
refuses 2 'no.yaml: cannot be opened: No such file or directory' train --config no.yaml
rm c.yaml

# A closed standard output: nothing of what would be printed goes into a file that is opened later.
run 0 train "${tiny[@]}" --iterations 1 -o a --quiet
echo 'iterations: [1, 2]' >sweep.yaml
"$program" sweep sweep.yaml "${tiny[@]}" -o s --quiet >&- 2>err.txt
[ $? = 1 ] || fail "a sweep without a standard output succeeded"
same_text err.txt 'nca: standard output: cannot write'
same_text s/sweep.lock ''
"$program" info a 2>&- >out.txt || fail "info needs a standard error"
rm -r a s sweep.yaml

run 1 info no.safetensors
grep -q '^nca: no.safetensors: ' err.txt || fail "no.safetensors: $(cat err.txt)"
echo 'not a model' >bad.safetensors
run 1 info bad.safetensors
grep -q '^nca: bad.safetensors: ' err.txt || fail "bad.safetensors: $(cat err.txt)"
run 1 visualize bad.safetensors -o a.gif
mkdir empty
run 1 train --resume empty
grep -q 'no checkpoint to resume' err.txt || fail "an empty folder: $(cat err.txt)"
rmdir empty
rm bad.safetensors
[ "$(ls)" = "$(printf 'err.txt\nout.txt')" ] || fail "errors left files: $(ls)"

touch plain
run 1 train "${tiny[@]}" -o plain/run
grep -q '^nca: plain: cannot create the folder' err.txt || fail "below a file: $(cat err.txt)"
"$program" --version >/dev/full 2>err.txt
[ $? = 1 ] || fail "a full standard output went unnoticed"
same_text err.txt 'nca: standard output: cannot write'
# Outputs that could not be written are refused before the training, and no folder is made.
refuses 2 'ani_path: expected a file that ends in .gif, .mp4 or .webm, found "x.bmp"' \
    train "${tiny[@]}" --iterations 2 -o late --animation x.bmp
refuses 2 'model_path: the folder of "nowhere/m.safetensors" does not exist; *' \
    train "${tiny[@]}" --iterations 2 -o late --model nowhere/m.safetensors
refuses 2 'ani_path: the folder of "nowhere/x.gif" does not exist; *' \
    train "${tiny[@]}" --iterations 2 -o late --ani-path nowhere/x.gif
[ ! -e late ] || fail "a refused command made its folder"
refuses 2 'unknown option --normalise-g; did you mean --normalise-gradient?' train --normalise-g 1
finish
