# States of a tiny model as an archive: repeatability, stopping, messages. test_rollout_numpy.sh
# checks the contents of the archive.
. "$(dirname "$0")/common.sh" "$1"

run 0 train "${tiny[@]}" --iterations 3 -o run --quiet
run 0 rollout run --batch 3 --steps 25
same_text out.txt "run/states.npz
states (4, 3, 12, 12, 8) float32"
same_text err.txt ""
run 0 rollout run/model.safetensors --batch 3 --steps 25 --threads 1 --kernels scalar -o b.npz
same_file run/states.npz b.npz
for option in --seed=1 --fire-rate=1 --angle=30 --steps=24 --every=5 --batch=2 \
    --size=13; do
    run 0 rollout run --batch 3 --steps 25 -o changed.npz "$option"
    ! cmp -s b.npz changed.npz || fail "$option changes nothing"
done
# int8 gives a different result, the same for every kernel set and number of threads.
run 0 rollout run --batch 3 --steps 25 --precision int8 -o int8.npz
! cmp -s b.npz int8.npz || fail "--precision int8 changes nothing"
run 0 rollout run --batch 3 --steps 25 --precision INT8 --threads 1 --kernels scalar -o again.npz
same_file int8.npz again.npz
run 0 rollout run --batch 3 --steps 25 --precision fp32 -o again.npz
same_file b.npz again.npz

run 0 rollout run --steps 0 --every 1000000 -o seed.npz
grep -qx 'states (1, 1, 12, 12, 8) float32' out.txt || fail "$(cat out.txt)"

refuses 2 '-o:*.npz*"x.txt"' rollout run -o x.txt
[ ! -e x.txt ] || fail "a refused rollout wrote a file"
run 0 rollout run --size 9x14 -o sized.npz
grep -qx 'states (9, 1, 9, 14, 8) float32' out.txt || fail "$(cat out.txt)"
! grep -q target.npy sized.npz || fail "a target of another size is saved"
grep -q target.npy seed.npz || fail "no target is saved"

# Stopped, it keeps the previous file.
cp b.npz late.npz
"$program" rollout run --steps 1000000 --every 500000 --batch 64 -o late.npz >out.txt 2>err.txt &
sleep 1
kill -TERM $!
wait $!
[ $? = 143 ] || fail "a stopped rollout ends with another code"
grep -qx 'nca: stopped; no file was written' err.txt || fail "$(cat err.txt)"
same_file late.npz b.npz
[ -z "$(ls | grep -F .tmp)" ] || fail "a stopped rollout left $(ls)"

refuses 2 '*model*file*folder*nca rollout --help*' rollout
refuses 2 '--every:*1*1000000*"0"*' rollout run --every 0
refuses 2 '--batch:*1*65536*"-1"*' rollout run --batch -1
refuses 2 '-o: the folder of "no/a.npz" does not exist; *' rollout run -o no/a.npz
refuses 2 '--precision:*fp32*int8*"int4"*' rollout run --precision int4
refuses 2 '--precision:*bf16*fp32*int8*' rollout run \
    --precision bf16
refuses 2 'fire_rate:*1e-06*1*"0"*' rollout run --fire-rate 0
finish
