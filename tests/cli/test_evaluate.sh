# Evaluations of a tiny model: table, files, plots, repeatability, stopping, messages.
. "$(dirname "$0")/common.sh" "$1"

run 0 train "${tiny[@]}" --iterations 3 -o run --quiet
few=(--rollouts 5 --steps 4,10,20,30,40)
run 0 evaluate run "${few[@]}"
same_text err.txt ""
cp out.txt table.txt
head -n 2 table.txt | tail -n 1 | grep -qx '5 rollouts on 12x12 cells, seed 0, target phantom' ||
    fail "$(cat table.txt)"
for row in L1 L2 Manhattan Hinge 'PSNR (dB)' SSIM surviving; do
    [ "$(grep -cF "$row  " table.txt)" = 2 ] || fail "not two lines of $row in $(cat table.txt)"
done
for row in 'L2 around a cut at step 80' 'before  ' 'just after  ' '200 steps after  ' 'healed  ' \
    'restored  ' 'cells cut  ' '  % of the living  '; do
    grep -qF "$row" table.txt || fail "no line of $row in $(cat table.txt)"
done
grep -q '^shape  *circle  *half-plane  *square  *cells$' table.txt || fail "not four shapes: $(cat table.txt)"
! grep -q ' $' table.txt || fail "blanks at the end of a line"
[ "$(wc -L <table.txt)" -le 100 ] || fail "the table is wider than 100 columns"

# Threads and kernels have no effect on the table or the files; the random seed does.
run 0 evaluate run/model.safetensors "${few[@]}" --threads 1 --kernels scalar --csv a.csv
same_file out.txt table.txt
run 0 evaluate run "${few[@]}" --csv - --threads 3
same_file out.txt a.csv
head -n 1 a.csv | grep -qx 'part,shape,step,measure,mean,deviation' || fail "$(head -n 1 a.csv)"
for option in --seed=1 --fire-rate=0.9 --angle=30 --target=phantom --img-size=9,--target=phantom \
    --rollouts=4 --steps=5 --damage-at=3 --damage-area=grid --cuts=2 --no-damage --curve-every=7 \
    --precision=int8 --size=20x14; do
    run 0 evaluate run "${few[@]}" --csv b.csv ${option/,/ }
    [ "$option" = --target=phantom ] && same_file a.csv b.csv && continue
    ! cmp -s a.csv b.csv || fail "$option changes nothing"
done

run 0 evaluate run "${few[@]}" --json - -o plot.png --healing-plot heal.svg
head -n 1 out.txt | grep -qx '{' || fail "no JSON: $(head -n 3 out.txt)"
cp out.txt a.json
[ "$(head -c 4 plot.png | tail -c 3)" = PNG ] || fail "plot.png is no PNG"
grep -q '<svg' heal.svg || fail "heal.svg is no SVG"
run 0 evaluate run "${few[@]}" --json b.json -o again.png
same_file a.json b.json
same_file plot.png again.png

# ---- Several cuts: all of them in the files; the first, middle and last in the table.
run 0 evaluate run "${few[@]}" --cuts 4 --csv four.csv --json four.json --healing-plot four.png
[ "$(head -c 4 four.png | tail -c 3)" = PNG ] || fail "four.png is no PNG"
for step in 80 280 480 680; do
    grep -q "^healing,cells,$step,restored_share," four.csv || fail "no cut at step $step"
done
[ "$(grep -c '^healing_curve,none,' four.csv)" = 801 ] || fail "not the curve of all cuts"
for row in 'L2 around 4 cuts' 'cut 3 at step 480' 'cut 4 at step 680' '  restored  '; do
    grep -qF "$row" out.txt || fail "no line of $row in $(cat out.txt)"
done
[ "$(wc -L <out.txt)" -le 100 ] || fail "the table of several cuts is wider than 100 columns"
grep '^healing,' a.csv >one.csv
grep '^healing,' four.csv | grep -Fxf one.csv | cmp -s - one.csv || fail "the first of several cuts is another"

# ---- A long horizon, and options that override it.
run 0 evaluate run --rollouts 1 --long --steps 4,6000 --cuts 2 --csv long.csv -o long.svg --quiet
[ "$(grep -c '^steps,,.*,L2,' long.csv)" = 2 ] || fail "--steps does not win over --long"
grep -q '^healing,circle,280,cut,' long.csv && ! grep -q '^healing,circle,480,cut,' long.csv ||
    fail "--cuts does not win over --long"
[ "$(grep -c '^curve,' long.csv)" -lt 400 ] || fail "too many points"
for step in 0 1 2 3 64 6000; do grep -q "^curve,,$step,L2," long.csv || fail "no point at step $step"; done
grep -q '<svg' long.svg || fail "no plot"
run 0 evaluate run --rollouts 1 --steps 6000 --no-damage --curve-every 3000 --csv - --quiet
[ "$(grep -c '^curve,' out.txt)" = 3 ] || fail "--curve-every is not linear: $(cat out.txt)"
run 0 evaluate run --rollouts 1 --steps 4 --long --json long.json --damage-at 0 --quiet
[ "$(grep -c '"restored_share"' long.json)" = 44 ] || fail "not ten cuts of four shapes"

# ---- Another grid: empty cells around the target.
run 0 evaluate run "${few[@]}" --no-damage --size 24
grep -q ' on 24x24 cells' out.txt || fail "$(cat out.txt)"
run 0 evaluate run "${few[@]}" --no-damage --size 13x40 --fire-rate 0.3 --angle 90
grep -q ' on 13x40 cells' out.txt || fail "$(cat out.txt)"

# Other targets change the grid.
run 0 evaluate run "${few[@]}" --no-damage --target phantom --img-size 20 --padding 1
grep -q ' on 22x22 cells' out.txt || fail "$(cat out.txt)"

# Stopped, it leaves no file.
"$program" evaluate run --rollouts 1000000 --csv late.csv -o late.png >out.txt 2>err.txt &
sleep 1
kill -TERM $!
wait $!
[ $? = 143 ] || fail "a stopped evaluation ends with another code"
grep -qx 'nca: stopped; no file was written' err.txt || fail "$(cat err.txt)"
[ ! -e late.csv ] && [ ! -e late.png ] && [ ! -s out.txt ] || fail "a stopped evaluation left something"

refuses 2 '*model*file*folder*nca evaluate --help*' evaluate
refuses 2 '--rollouts:*1*1000000*"0"*' evaluate run --rollouts 0
refuses 2 '--steps: expected at most 32 * 0,20,40, found "80,80"' \
    evaluate run --steps 80,80
refuses 2 '--steps: expected at most 32 * 0,20,40, found ""' \
    evaluate run --steps ''
refuses 2 '--steps: expected at most 32 step numbers up to 1000000 * 0,20,40, found "80,100000000000"' \
    evaluate run --steps 80,100000000000
refuses 2 '--steps: expected at most 32 * 0,20,40, found "1e9"' \
    evaluate run --steps 1e9
refuses 2 '--angle:*-360*360*"nan"*' evaluate run --angle nan
refuses 2 '--img-size *; give --target too' \
    evaluate run --img-size 9
refuses 2 '--output:*.png*.svg*"a.gif"*' \
    evaluate run -o a.gif
refuses 2 '--csv: the folder of "no/a.csv" does not exist; *' \
    evaluate run --csv no/a.csv
refuses 2 '--healing-plot *--no-damage *' \
    evaluate run --healing-plot a.png --no-damage
refuses 2 '--cuts and --no-damage *' evaluate run --cuts 2 --no-damage
refuses 2 '--cuts:*1*100*"0"*' evaluate run --cuts 0
refuses 2 '--damage-area:*"all"*' evaluate run --damage-area all
refuses 2 'size: expected a grid of at least 12x12 *' evaluate run --size 12x11
refuses 2 '--size: expected HxW or N, *' evaluate run --size 0
refuses 2 '--csv - and --json - *' \
    evaluate run --csv - --json -
run 0 train "${tiny[@]}" --iterations 1 -o mean --filter mean --quiet
refuses 2 'angle:*model*filter*sobel*scharr*steered*mean*angle*' \
    evaluate mean --angle 5
run 1 evaluate run --target none.png
grep -q '^nca: none.png: ' err.txt || fail "$(cat err.txt)"

# ---- A run whose settings cannot be read: the plot is written, the problem is reported, the exit
# code is 1.
run 0 train --target phantom "${tiny[@]}" --iterations 2 -o settings --quiet
run 0 evaluate settings --rollouts 1 --steps 4 --no-damage -o plot.svg --quiet
rm settings/config.yaml plot.svg
run 1 evaluate settings --rollouts 1 --steps 4 --no-damage -o plot.svg --quiet
grep -q 'settings/config.yaml: ' err.txt || fail "what is missing is not named: $(cat err.txt)"
[ -s plot.svg ] || fail "no plot"
run 0 evaluate settings --rollouts 1 --steps 4 --no-damage --quiet
mkdir alone && cp settings/model.safetensors alone/
run 0 evaluate alone/model.safetensors --rollouts 1 --steps 4 --no-damage -o plot.svg --quiet
finish
