# Training and sweeping classifiers: what is wrong with the data or the settings is named, with what to
# do next; a sweep has a table of scores, and is continued with the same bits.
. "$(dirname "$0")/common.sh" "$1"
set=$(realpath "$golden/../../fixtures/breastmnist.npz")
small=(--n-channels 8 --hidden 8 --steps-min 3 --steps-max 3 --batch-size 4 --iterations 6 --warmup 2 --quiet)

# Pictures of 4x4 pixels as .npy files: grey_image FILE VALUE [SIDE]
grey_image() {
    local side=${3:-4} i
    mkdir -p "$(dirname "$1")"
    { printf '\x93NUMPY\x01\x00\x76\x00'
      printf "%-117s\n" "{'descr': '|u1', 'fortran_order': False, 'shape': ($side, $side), }"
      for ((i = 0; i < side * side; i++)); do
          # shellcheck disable=SC2059
          printf "\\x$(printf %02x $((($2 + i * 7) % 256)))"
      done; } >"$1"
}
for i in 0 1 2 3 4 5 6 7; do
    grey_image "birds/crow/$i.npy" $((i * 5))
    grey_image "birds/robin/$i.npy" $((110 + i * 5))
done

run 0 train --task classify --data birds "${small[@]}" -o run
grep -q '^nca: the splits were drawn with the random seed 0: train 12, val 2, test 2 images$' err.txt || fail "$(cat err.txt)"
grep -qE '^validation  AUC [01]\.[0-9]+, ACC ' out.txt || fail "$(cat out.txt)"

# ---- --profile: a table of the parts of an iteration, the same bits, also of a run that is stopped.
! grep -q '^parts of an iteration' out.txt || fail "a table that was not asked for: $(cat out.txt)"
run 0 train --task classify --data birds "${small[@]}" --profile -o timed
same_file timed/model.safetensors run/model.safetensors
same_file timed/validation.csv run/validation.csv
sed -n '/^parts of an iteration of timed, [a-z0-9]*, threads: [0-9]*$/,$p' out.txt >table.txt
[ "$(wc -l <table.txt)" = 21 ] && ! grep -q 'of peak' table.txt || fail "not a row for each part: $(cat out.txt)"
awk '$NF ~ /^[0-9.]+$/ { share[$1] = $(NF - 1) + 0; if ($1 != "all") sum += $(NF - 1) }
    END { exit !(share["all"] == 100 && sum > 99 && sum < 101 && "initial" in share) }' table.txt ||
    fail "the shares: $(cat table.txt)"
run 0 train --resume timed --profile
! grep -q '^parts of an iteration' out.txt || fail "a table of no iteration: $(cat out.txt)"
"$program" train --task classify --data birds "${small[@]}" --iterations 1000000 --profile -o stopped >out.txt 2>err.txt &
wait_rows stopped 3
kill -TERM $!
wait $!
[ $? = 143 ] || fail "a stopped training with --profile: $(cat err.txt)"
grep -q '^parts of an iteration of stopped, ' out.txt || fail "no table after a stop: $(cat out.txt)"

# ---- Data.
refuses 2 'data:*--data*' train --task classify "${small[@]}" -o x
refuses 1 'nowhere:*no such folder' train --task classify --data nowhere "${small[@]}" -o x
refuses 1 '*medmnist:*pathmnist*' train --task classify --data medmnist:pathmnist --root . "${small[@]}" -o x
cp -r birds one && rm -r one/robin
refuses 2 'one:*at least 2 classes*crow*' train --task classify --data one "${small[@]}" -o x
mkdir -p absent/train absent/val && cp -r birds/crow absent/train && cp -r birds/robin absent/train &&
    cp -r birds/crow absent/val && mkdir absent/val/owl && cp birds/crow/1.npy absent/val/owl
refuses 2 'absent:*training images of every class*owl*' \
    train --task classify --data absent "${small[@]}" -o x
cp -r birds sizes && grey_image sizes/robin/9.npy 3 5
refuses 2 'sizes/robin/9.npy:*4 x 4*5 x 5*img_size*' train --task classify --data sizes "${small[@]}" -o x
run 0 train --task classify --data sizes --img-size 6 "${small[@]}" -o sized
cp -r birds broken && echo nonsense >broken/crow/broken.png
refuses 1 'broken/crow/broken.png:*skip_broken*' train --task classify --data broken "${small[@]}" -o x
run 0 train --task classify --data broken --skip-broken "${small[@]}" -o skipped
grep -q '^nca: images that cannot be read and were left out: 1; .*broken/crow/broken.png' err.txt || fail "$(cat err.txt)"
mkdir -p twice/train/{a,b} twice/test/{a,b} && cp birds/crow/[0-5].npy twice/train/a && cp birds/robin/[0-5].npy twice/train/b &&
    cp birds/crow/[5-7].npy twice/test/a && cp birds/robin/[67].npy twice/test/b
run 0 train --task classify --data twice "${small[@]}" -o twice_run
grep -q '^nca: images of test with the same pixels as an image of train: 1 of 5' err.txt || fail "$(cat err.txt)"
grep -q '^validation  none: the data has no validation images$' out.txt || fail "$(cat out.txt)"
printf 'path,label,split\nbirds/crow/1.npy,a,train\nbirds/crow/2.npy,b,elsewhere\n' >table.csv
refuses 1 'table.csv:*line 3*' train --task classify --data table.csv "${small[@]}" -o x

# ---- Settings.
run 2 train --task classify --data birds --features 10 "${small[@]}" -o x
grep -q '^nca: n_channels: expected at least 11.* 10 read-out channels.*lower features' err.txt || fail "$(cat err.txt)"
run 2 train --task classify --data birds --alive-channel 3 "${small[@]}" -o x
grep -q '^nca: alive_channel: .*-1' err.txt || fail "$(cat err.txt)"
run 2 train --task classify --data birds --val-share 0 --patience 2 "${small[@]}" -o x
grep -q '^nca: patience: .*val_share' err.txt || fail "$(cat err.txt)"
refuses 2 'target_path:*' train --task classify --data birds --target x.png "${small[@]}" -o x
refuses 2 'data:*' train --data birds "${small[@]}" -o x
for option in --experiment=persistent --extension=300 --pool-size=64 --loss=L1 --damage-area=grid \
    --injection=after --seed-survival=0.2 --ani-path=a.gif; do
    key=${option%=*} && key=${key#--}
    refuses 2 "${key//-/_}: task classify does not use*" train --task classify --data birds "${small[@]}" "$option" -o x
done
refuses 2 'damage: expected 0 with task classify and carry 0, found 2,*set carry*' \
    train --task classify --data birds "${small[@]}" --damage 2 -o x
refuses 2 'changes: expected damage 0 *, found 2 at iteration 3,*set carry*' \
    train --task classify --data birds "${small[@]}" --changes '3 damage 2' -o x
refuses 2 'loss_steps: expected 1, or at most half of steps_min (3), found 2;*raise steps_min' \
    train --task classify --data birds "${small[@]}" --loss-steps 2 -o x
run 0 train --task classify --data birds "${small[@]}" --steps-min 4 --steps-max 5 --loss-steps 2 --carry 0.5 --damage 2 \
    --iterations 3 --schedule constant -o healing
for line in 'loss_steps: 2' 'carry: 0.5' 'damage: 2'; do
    grep -qx "$line" healing/config.yaml || fail "config.yaml has no line $line"
done
run 0 train --resume healing --iterations 6 --quiet
run 0 train --config healing/config.yaml --quiet -o healing_again
same_file healing/model.safetensors healing_again/model.safetensors
! grep -qE '^(experiment|extension|pool_size|loss|damage_area|injection|seed_survival|ani_path):' run/config.yaml ||
    fail "config.yaml has settings that a classifier does not use"
printf 'experiment: growing\npool_size: 128\ndamage_area: living\n' | cat - run/config.yaml >older.yaml
run 0 train --config older.yaml --quiet -o older # as earlier versions wrote it
same_file older/model.safetensors run/model.safetensors
[ ! -e x ] || fail "a refused training left a folder"

# ---- A number of epochs sets iterations, whichever number a file or a recipe has.
short=(--task classify --data birds --n-channels 8 --hidden 8 --steps-min 3 --steps-max 3 --batch-size 4 --quiet)
refuses 2 '--epochs and --iterations cannot be used together*' train "${short[@]}" --epochs 2 --iterations 50 -o x
printf 'iterations: 50\nepochs: 2\n' >epochs.yaml
run 0 train --config epochs.yaml "${short[@]}" -o epochs
grep -qx 'iterations: 6' epochs/config.yaml && grep -qx 'warmup: 3' epochs/config.yaml || fail "$(cat epochs/config.yaml)"
run 0 train --config epochs/config.yaml --iterations 8 --quiet -o counted
grep -qx 'iterations: 8' counted/config.yaml && grep -qx 'epochs: 0' counted/config.yaml || fail "$(cat counted/config.yaml)"
run 2 train --resume epochs --epochs 5 --quiet
grep -q 'epochs cannot change on resume with schedule cosine, .*"6".*"15" (5 epochs).*new run' err.txt || fail "$(cat err.txt)"

# ---- From the weights of another classifier, with its channels, classes and features.
run 0 train --task classify --data birds "${small[@]}" --features 3 --readout max -o dense
run 0 train --task classify --data birds "${small[@]:4}" --init dense --seed 5 -o tuned
for line in 'n_channels: 8' 'hidden: 8' 'features: 3' 'readout: max' 'init: "dense"'; do
    grep -qx "$line" tuned/config.yaml || fail "config.yaml has no line $line"
done
same_file tuned/init.safetensors dense/model.safetensors
run 0 train --config tuned/config.yaml --quiet -o tuned_again
same_file tuned/model.safetensors tuned_again/model.safetensors
run 0 train --task classify --data birds "${small[@]}" --features 3 --readout max --seed 5 -o drawn
! cmp -s tuned/model.safetensors drawn/model.safetensors || fail "the weights were drawn"
run 0 train --task classify --data birds "${small[@]:4}" --init dense --seed 5 --iterations 3 --schedule constant -o half
run 0 train --resume half --iterations 6 --quiet
run 0 train --task classify --data birds "${small[@]:4}" --init dense --seed 5 --schedule constant -o all
same_file half/model.safetensors all/model.safetensors
run 2 train --task classify --data birds "${small[@]}" --init dense --features 2 -o x
grep -q '^nca: init: .*head_inputs 3 (settings: 2)' err.txt || fail "$(cat err.txt)"
cp -r birds three && cp -r birds/crow three/owl
run 2 train --task classify --data three "${small[@]}" --init dense -o x
grep -q '^nca: init: .*2 classes.* 3 ' err.txt || fail "$(cat err.txt)"
run 0 train "${tiny[@]}" --iterations 2 --batch-size 2 --quiet -o grown
run 2 train --task classify --data birds "${small[@]}" --init grown -o x
grep -q '^nca: init: .*classifies images.*grows an image' err.txt || fail "$(cat err.txt)"
run 2 train "${tiny[@]}" --init dense --iterations 2 --quiet -o x
grep -q '^nca: init: .*grows an image.*classifies images' err.txt || fail "$(cat err.txt)"
[ ! -e x ] || fail "a refused training left a folder"
printf 'task: classify\ndata: birds\ninit: dense\nsteps_min: 3\nsteps_max: 3\nbatch_size: 4\niterations: 6\nwarmup: 2\nseeds: 2\n' >from.yaml
run 0 sweep from.yaml -o from --quiet
[ "$(grep -c ',done,' from/summary.csv)" = 2 ] || fail "$(cat from/summary.csv err.txt)"

# ---- Values that are not finite: the run ends, and another seed is tried.
wild=(--step-size 1000 --learning-rate 10 --steps-min 40 --steps-max 40 --iterations 100 --checkpoint-every 0)
run 3 train --task classify --data birds "${small[@]}" "${wild[@]}" -o wild
grep -q '^nca: training diverged: .*learning_rate' err.txt || fail "$(cat err.txt)"
run 3 train --task classify --data birds "${small[@]}" "${wild[@]}" --retry 1 -o wilder
grep -q '^nca: starting again with seed 1 ' err.txt || fail "$(cat err.txt)"
run 3 train --task classify --data birds "${small[@]}" "${wild[@]}" -o run --overwrite
run 0 info run # still there

# ---- A sweep.
cat >grid.yaml <<'END'
task: classify
data: birds
n_channels: 8
hidden: 8
steps_min: 3
steps_max: 3
batch_size: 4
epochs: 3
warmup: 2
checkpoint_every: 2
seeds: 2
readout: [mean, max]
END
results() { cut -d, -f1-9 "$1/summary.csv"; }
run 0 sweep grid.yaml -o whole --jobs 2
head -n 1 whole/summary.csv >header.txt
same_text header.txt run,readout,seed,status,training_loss,auc,accuracy,balanced_accuracy,log_loss,seconds,folder,reason
[ "$(grep -cE ',done,[0-9.]+,[01][0-9.]*,[01][0-9.]*,[01][0-9.]*,[0-9.]+,' whole/summary.csv)" = 4 ] || fail "$(cat whole/summary.csv)"
head -n 1 whole/summary.md >header.txt
same_text header.txt '| readout | AUC | accuracy | balanced accuracy | log loss | training loss | runs |'
grep -q '^mean_seed1  AUC [01]' err.txt || fail "$(cat err.txt)"
! grep -q pictures out.txt || fail "$(cat out.txt)"
# Nothing is repeated; a run that was interrupted is continued to the same bits.
stamp=$(stat -c %Y%i whole/runs/*/model.safetensors)
run 0 sweep grid.yaml -o whole
[ "$stamp" = "$(stat -c %Y%i whole/runs/*/model.safetensors)" ] || fail "finished runs were repeated"
cp -r whole parted
rm parted/runs/mean_seed1/evaluation.csv
run 0 sweep grid.yaml -o parted
results whole >whole.txt
results parted >parted.txt
same_file whole.txt parted.txt
run 0 sweep grid.yaml -o single --jobs 1 --threads 2
results single >single.txt
same_file whole.txt single.txt
refuses 2 '*epochs*' sweep grid.yaml -o whole --learning-rate 0.5 --epochs x
refuses 2 '*learning_rate 0.002*0.5*' sweep grid.yaml -o whole --learning-rate 0.5
run 2 sweep grid.yaml -o mixed --task grow --task classify
run 1 sweep grid.yaml -o nothing --data nowhere
grep -q '1 of 1 data sets cannot be read; no run was started' err.txt || fail "$(cat err.txt)"
[ ! -e nothing ] || fail "a refused sweep left a folder"
run 0 sweep grid.yaml -o other --data birds --data "$set" --seeds 1 --readout mean
[ "$(grep -c ',done,' other/summary.csv)" = 2 ] || fail "$(cat other/summary.csv)"
finish
