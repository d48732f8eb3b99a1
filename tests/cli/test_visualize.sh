# Animations and filmstrips of a tiny model: formats, sizes, repeatability, messages.
. "$(dirname "$0")/common.sh" "$1"

size_of_gif() { # FILE WIDTH HEIGHT
    [ "$(od -An -tu2 -j6 -N4 "$1" | xargs)" = "$2 $3" ] ||
        fail "$1 is $(od -An -tu2 -j6 -N4 "$1" | xargs), not $2 $3"
}
size_of_png() { # prints width and height
    [ "$(head -c 4 "$1" | tail -c 3)" = PNG ] || fail "$1 is no PNG"
    od -An -tu1 -j16 -N8 "$1" | awk '{ print ($3 * 256 + $4), ($7 * 256 + $8) }'
}

run 0 train "${tiny[@]}" --iterations 3 -o run --quiet
run 0 visualize run -o a.gif --steps 10
same_text err.txt ""
head -n 1 out.txt | grep -qx a.gif || fail "the path is not printed: $(cat out.txt)"
grep -Eq '^L2 loss after 10 steps: [0-9.e-]+$' out.txt || fail "no loss: $(cat out.txt)"
[ "$(head -c 6 a.gif)" = GIF89a ] || fail "a.gif is no GIF"

run 0 visualize run/model.safetensors -o b.gif --steps 10 --threads 1 --kernels scalar
same_file a.gif b.gif
run 0 visualize run -o c.gif --steps 10 --seed 5 --size 20x16 --damage every=4,shape=square \
    --scale 2 --fps 12.5 --background '#102030' --angle 30 --fire-rate 0.9
[ "$(od -An -tu2 -j6 -N4 c.gif | tr -s ' ')" = ' 32 40' ] || fail "c.gif is not 32x40 pixels"
run 0 visualize run -o plain.gif --steps 24
for option in --seed=5 --damage=every=4 --background=#102030 --angle=30 --fire-rate=0.9 --fps=12.5; do
    run 0 visualize run -o changed.gif --steps 24 "$option"
    ! cmp -s plain.gif changed.gif || fail "$option changes nothing"
done
refuses 2 '--angle:*-360*360*"1000"*' visualize run --angle 1000
run 0 visualize run --filmstrip 0,4,8
[ "$(head -n 1 out.txt)" = run/filmstrip.png ] || fail "$(cat out.txt)"
run 0 visualize run -o strip.png
[ "$(head -c 4 strip.png | tail -c 3)" = PNG ] || fail "strip.png is no PNG"

refuses 2 '-o:*.gif*.mp4*.webm*.png*"a.txt"*' \
    visualize run -o a.txt
refuses 2 '--filmstrip:*.png*"x.gif"*' \
    visualize run -o x.gif --filmstrip 1,2
refuses 2 '--filmstrip: step 9 * --steps 5' visualize run --filmstrip 1,9 --steps 5
refuses 2 '--filmstrip: expected at most 64 * 0,20,40, found "5,4"' \
    visualize run --filmstrip 5,4
refuses 2 '--size:*HxW*1*16384*"0x5"*' visualize run --size 0x5
refuses 2 '--damage: expected every=N,shape=NAME* circle, half-plane, square, cells or mixed, found "every=5,shape=star"' \
    visualize run --damage every=5,shape=star
refuses 2 '--steps:*1*1000000*"-3"*' visualize run --steps -3
refuses 2 '--fps:*0.1*100*"fast"*' visualize run --fps fast
case $(uname -m) in
x86_64) sets="auto, scalar, avx2 or avx512" ;;
aarch64) sets="auto, scalar or neon" ;;
*) sets="auto or scalar" ;;
esac
refuses 2 "--kernels:*\"sse\"*$sets*" \
    visualize run --kernels sse
run 1 visualize run -o nowhere/a.gif
grep -q '^nca: nowhere/a.gif' err.txt || fail "$(cat err.txt)"

# Views: each has its own picture, the same for any number of threads; the size of a mosaic.
run 0 visualize run -o view_rgba.gif --steps 12
run 0 visualize run -o same.gif --steps 12 --view rgba
same_file view_rgba.gif same.gif
for view in alpha alive hidden update channel=5 mosaic filter=1 filter=2:5; do
    run 0 visualize run -o "view_$view.gif" --steps 12 --view "$view"
    run 0 visualize run -o same.gif --steps 12 --view "$view" --threads 1 --kernels scalar
    same_file "view_$view.gif" same.gif
    run 0 visualize run -o "view_$view.png" --steps 12 --view "$view"
    size_of_png "view_$view.png" >/dev/null
done
[ "$(for file in view_*.gif; do cksum <"$file"; done | sort -u | wc -l)" = 9 ] || fail "two views are the same"
[ "$(for file in view_*.png; do cksum <"$file"; done | sort -u | wc -l)" = 8 ] || fail "two strips are the same"
run 0 visualize run -o a.gif --steps 3 --view hidden --scale 3 # channels 4 to 7: 2 x 2 tiles
size_of_gif a.gif $((3 * 25)) $((3 * 25))
grep -Eqx 'colours from -[0-9.]+ to [0-9.]+' out.txt || fail "no scale: $(cat out.txt)"
run 0 visualize run -o a.gif --steps 3 --view mosaic --scale 1 --size 10x20 # 3 x 3 places
size_of_gif a.gif $((3 * 20 + 2)) $((3 * 10 + 2))
run 0 visualize run -o a.gif --steps 3 --view update
grep -Eqx 'colours from 0 to [0-9.]+' out.txt || fail "no scale: $(cat out.txt)"
refuses 2 '--view:*channel=N*"depth"*' \
    visualize run --view depth
run 2 visualize run --view channel=8 -o never.gif
grep -q '^nca: view channel=8: .*0 to 7' err.txt || fail "$(cat err.txt)"
run 2 visualize run --view filter=3 -o never.gif
grep -q '^nca: view filter=3: .*1 to 2' err.txt || fail "$(cat err.txt)"
# Learned filters: the taps of each model, and of the pool.
run 0 train "${tiny[@]}" --filter learned --filter-count 3 --iterations 2 -o taps --quiet
run 0 visualize taps run -o two.gif --steps 6 --view filter=2
grep -q '^colours from 0 to ' out.txt || fail "a norm: $(cat out.txt)"
run 0 visualize taps -o one.gif --steps 6 --view filter=3:4
grep -q '^colours from -' out.txt || fail "one channel: $(cat out.txt)"
run 0 visualize taps --grid --view filter=1 -o pool.png
size_of_png pool.png >/dev/null

# Several models: side by side, each with its loss; a model gives the same picture alone and beside
# another.
run 0 train "${tiny[@]}" --img-size 12 --iterations 3 -o other --quiet
run 0 visualize run other -o both.gif --steps 10
head -n 1 out.txt | grep -qx both.gif || fail "$(cat out.txt)"
for name in run other; do
    run 0 visualize $name -o alone.gif --steps 10
    loss=$(tail -n 1 out.txt)
    run 0 visualize run other -o both.gif --steps 10
    grep -qx "$name: $loss" out.txt || fail "$name: $loss is not in: $(cat out.txt)"
done
run 0 visualize run other run other run -o five.gif --steps 2
run 0 visualize run other -o both.png --filmstrip 0,5,10 --view update
read -r width height <<<"$(size_of_png both.png)"
[ "$width" -gt $((3 * 240)) ] && [ "$height" -gt $((2 * 240)) ] || fail "both.png is $width x $height"
mkdir runs && mv run other runs
run 0 visualize runs --steps 5
[ "$(head -n 1 out.txt)" = growth.gif ] || fail "$(cat out.txt)"
grep -q '^other: ' out.txt && grep -q '^run: ' out.txt || fail "a run is missing: $(cat out.txt)"
mv runs/* . && rmdir runs

# Many models: smaller tiles in several rows, so that the picture is at most a screen or two high.
many=$(yes run | head -n 27)
run 0 visualize $many -o many.gif --steps 2
[ "$(grep -c '^run: ' out.txt)" = 27 ] || fail "27 models give $(wc -l <out.txt) lines"
read -r width height <<<"$(od -An -tu2 -j6 -N4 many.gif)"
[ "$width" -lt 2600 ] && [ "$height" -lt 1600 ] && [ "$width" -gt "$height" ] ||
    fail "27 models: a frame of $width x $height"
run 0 visualize $many -o many.png --filmstrip 0,2
read -r width height <<<"$(size_of_png many.png)"
[ "$height" -lt 6000 ] || fail "27 models: a filmstrip of $width x $height"
echo 'model_path: run/model.safetensors' >config.yaml
refuses 2 '--config:*most*model*2*' visualize --config config.yaml run other

# The pool of a checkpoint: 16 slots in 4 x 4 places; the run is not changed.
cksum run/* >before.txt
run 0 visualize run --grid
same_text out.txt run/pool.png
rm run/pool.png
cksum run/* | cmp -s - before.txt || fail "--grid changed the run"
run 0 visualize run --grid -o pool.png --scale 4
read -r width height <<<"$(size_of_png pool.png)"
[ "$width" -gt $((4 * 4 * 12)) ] && [ "$height" -gt $((4 * 4 * 12)) ] || fail "$width x $height"
run 0 visualize run/checkpoint.safetensors --grid -o again.png --scale 4
same_file pool.png again.png
run 0 visualize run --grid -o pool_hidden.png --view hidden
grep -Eqx 'colours from -[0-9.]+ to [0-9.]+' out.txt || fail "no scale: $(cat out.txt)"
! cmp -s pool.png pool_hidden.png || fail "--view changes nothing in the pool"
refuses 2 '--grid *; remove --steps' \
    visualize run --grid --steps 5
refuses 2 '--view update: *; choose another view, or remove --grid' \
    visualize run --grid --view update
refuses 2 '--grid:*.png*"pool.gif"*' visualize run --grid -o pool.gif
refuses 2 '--grid:*folder*2*arguments*' visualize run other --grid
run 1 visualize run/model.safetensors --grid -o never.png
grep -q '^nca: run/model.safetensors: not a checkpoint' err.txt || fail "$(cat err.txt)"
run 0 train "${tiny[@]}" --iterations 2 --experiment growing -o poolless --quiet
refuses 2 'poolless/checkpoint.safetensors: there is no sample pool, *experiment growing *' \
    visualize poolless --grid
[ ! -e never.png ] || fail "a refused command left a picture"

# Stopped on the way: one line, the exit code of the signal, and no file left behind.
"$program" visualize run -o stopped.gif --steps 1000000 >out.txt 2>err.txt &
pid=$!
for _ in $(seq 600); do
    ls | grep -q '^stopped.gif.*tmp$' && break
    sleep 0.05
done
kill -TERM $pid
wait $pid
code=$?
[ "$code" = 143 ] || fail "visualize ended with $code after SIGTERM"
grep -q '^nca: stopped' err.txt || fail "$(cat err.txt)"
[ -z "$(ls | grep '^stopped')" ] || fail "left behind: $(ls)"

[ ! -e x.gif ] && [ ! -e a.txt ] || fail "a refused command left a file"

# A run that is being trained or was killed has a checkpoint and no model.
cp -r run no-model
rm no-model/model.safetensors
for command in visualize export; do
    refuses 1 'no-model: the run has no model yet; *' "$command" no-model
done

finish
