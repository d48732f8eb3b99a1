# Invalid command lines and configurations: exact messages, exit codes, and no file left behind.
. "$(dirname "$0")/common.sh" "$1"

refuses 2 '*command*nca --help*'
refuses 2 '*"trian"*"train"*' trian
refuses 2 '*"zzz"*nca --help*' zzz
refuses 2 '*--verison*nca --help*' --verison
refuses 2 '*--learning-rat*--learning-rate*' train --learning-rat 1
refuses 2 '*--overwrit*--overwrite*' train --overwrit
refuses 2 '*--qqqqq*nca train --help*' train --qqqqq
refuses 2 'precision:*fp32*bf16*bf16-amx*"int8"*' train --precision int8
refuses 2 '*-z*nca train --help*' train -z
refuses 2 '--iterations*needs*value*nca train --help*' train --iterations
refuses 2 '-o*DIR*nca train --help*' train -o
refuses 2 '--json*FILE*nca evaluate --help*' evaluate m --json
refuses 2 '--json*FILE*--quiet*nca evaluate --help*' evaluate m --json --quiet
refuses 2 '--iterations*--quiet*nca train --help*' train --iterations --quiet
refuses 2 '--quiet takes no value' train --quiet=yes
refuses 2 '*"photo.png"*--target photo.png*nca train --help*' train photo.png
refuses 2 'unknown option --foo; see `nca train --help`' train --foo
refuses 2 '--bind needs --live; *' train --bind 0.0.0.0
# Kernel sets of another architecture: all that this CPU can run are named.
foreign=neon
[ "$(uname -m)" = x86_64 ] || foreign=avx2
refuses 1 "kernels:*\"$foreign\"; use auto*scalar*" train --kernels $foreign
for set in $(tail -n 1 err.txt | sed 's/.*; use //; s/,/ /g; s/ or / /'); do
    run 0 train "${tiny[@]}" --iterations 1 --kernels "$set" -o set --overwrite --quiet
done
rm -r set
refuses 2 '-o:*.html*"x.pdf"' report nowhere -o x.pdf
refuses 2 'n_channels:*4*1024*"3"*' train --n-channels 3
refuses 2 'batch_size:*1*65536*"0"*' train --batch-size=0
refuses 2 'fire_rate:*1e-06*1*"0"*' train --fire-rate 0
refuses 2 'threads:*0*1024*"100000"*' train --threads 100000
refuses 2 'iterations:*1*4000000000*"0"*' train --iterations 0
refuses 2 'pool_size:*batch_size*8*4*pool_size*batch_size*' \
    train --recipe distill --pool-size 4
refuses 2 'stretch:*"perhaps"*' train --stretch=perhaps
refuses 2 '--resume continues in *; remove -o' train --resume x -o y
refuses 1 'no.png:*opened*file*directory*' train --target no.png
refuses 2 '*model*file*folder*nca visualize --help*' visualize
refuses 2 '*model*file*folder*nca info --help*' info

# A path without a run or a model has one exit code in all commands, whether it is a folder or nothing.
mkdir nothing
for command in "info PATH" "evaluate PATH" "rollout PATH" "convert PATH x.pt" "visualize PATH" \
    "play PATH" "export PATH" "report PATH" "watch PATH" "bench --model PATH" "train --resume PATH" \
    "train --target phantom --init PATH"; do
    for path in nothing nowhere; do
        # shellcheck disable=SC2086
        run 1 ${command/PATH/$path}
        grep -q "$path" err.txt || fail "$command: $path is not named: $(cat err.txt)"
    done
done
rmdir nothing

printf 'iterations: 5\nlerning_rate: 1\n' >c.yaml
refuses 2 'c.yaml:2:*"lerning_rate"*"learning_rate"*' \
    train --config c.yaml
printf 'iterations: [5]\n' >c.yaml
refuses 2 'c.yaml:1:*iterations*plain*value*list*' train --config c.yaml
refuses 2 'no.yaml:*opened*file*directory*' train --config no.yaml
rm c.yaml

# A closed standard output: none of the output goes into a file that is opened later.
run 0 train "${tiny[@]}" --iterations 1 -o a --quiet
echo 'iterations: [1, 2]' >sweep.yaml
"$program" sweep sweep.yaml "${tiny[@]}" -o s --quiet >&- 2>err.txt
[ $? = 1 ] || fail "a sweep without a standard output succeeded"
grep -q '^nca: standard output: ' err.txt || fail "$(cat err.txt)"
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
run 1 train --resume nowhere/run
grep -q 'does not exist' err.txt && ! grep -q -- '--overwrite' err.txt || fail "no folder: $(cat err.txt)"
run 1 train --resume empty
grep -q 'no checkpoint to resume' err.txt && ! grep -q -- --config err.txt ||
    fail "an empty folder: $(cat err.txt)"
rmdir empty
rm bad.safetensors
[ "$(ls)" = "$(printf 'err.txt\nout.txt')" ] || fail "errors left files: $(ls)"

touch plain
run 1 train "${tiny[@]}" -o plain/run
grep -q '^nca: plain: cannot create the folder' err.txt || fail "below a file: $(cat err.txt)"
"$program" --version >/dev/full 2>err.txt
[ $? = 1 ] || fail "a full standard output went unnoticed"
grep -q '^nca: standard output: ' err.txt || fail "$(cat err.txt)"
# Output paths that cannot be written are refused before training, and no folder is made.
refuses 2 'ani_path:*.gif*.mp4*.webm*"x.bmp"*' \
    train "${tiny[@]}" --iterations 2 -o late --animation x.bmp
refuses 2 'model_path: the folder of "nowhere/m.safetensors" does not exist; *' \
    train "${tiny[@]}" --iterations 2 -o late --model nowhere/m.safetensors
refuses 2 'ani_path: the folder of "nowhere/x.gif" does not exist; *' \
    train "${tiny[@]}" --iterations 2 -o late --ani-path nowhere/x.gif
[ ! -e late ] || fail "a refused command made its folder"
refuses 2 '*--normalise-g*--normalise-gradient*' train --normalise-g 1
finish
