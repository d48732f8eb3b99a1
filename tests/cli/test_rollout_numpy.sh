# NumPy reads the states that nca rollout writes and writes the same bytes.
. "$(dirname "$0")/common.sh" "$1"

python=/usr/bin/python3
"$python" -c 'import numpy' 2>/dev/null || { echo "skipped: $python has no NumPy"; exit 77; }
run 0 train "${tiny[@]}" --iterations 3 -o run --quiet
run 0 rollout run --batch 3 --steps 25 --every 10 --seed 6 -o states.npz
run 0 rollout run --batch 1 --steps 20 --every 20 --seed 6 -o fewer.npz
"$python" - <<'CHECK' || fail "NumPy found something else"
import io, zipfile
import numpy

archive = numpy.load("states.npz")
states, steps, target = archive["states"], archive["steps"], archive["target"]
assert sorted(archive.files) == ["states", "steps", "target"], archive.files
assert states.shape == (4, 3, 12, 12, 8) and states.dtype == numpy.float32, states.shape
assert steps.dtype == numpy.int64 and steps.tolist() == [0, 10, 20, 25], steps
assert target.shape == (12, 12, 4) and target.dtype == numpy.float32, target.shape

seed = numpy.zeros((12, 12, 8), numpy.float32)
seed[6, 6, 3:] = 1
assert (states[0] == seed).all()
assert (target[..., 3] > 0).any() and target.min() >= 0 and target.max() <= 1
assert (states[1, 0] != states[1, 1]).any(), "the samples have the same fire masks"
fewer = numpy.load("fewer.npz")["states"]
assert (fewer[1, 0] == states[2, 0]).all(), "batch and frames change a sample"

for name in zipfile.ZipFile("states.npz").namelist():
    own = io.BytesIO()
    numpy.save(own, archive[name[:-4]])
    assert zipfile.ZipFile("states.npz").read(name) == own.getvalue(), name
CHECK
finish
