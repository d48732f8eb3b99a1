# nca export, play and watch: what they write, print and refuse.
sources=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/common.sh" "$1"

run 0 train --target phantom "${tiny[@]}" --iterations 3 -o runs/a --quiet
run 0 train --target phantom "${tiny[@]}" --iterations 3 --filter scharr -o runs/b --quiet

# ONNX files have one model, and nothing of a page.
run 0 export runs/a -o a.onnx
grep -qE '^a\.onnx  [0-9.]+ kB$' out.txt || fail "the size of an ONNX file is not printed"
run 0 export runs/a -o loop.onnx --rollout
[ "$(stat -c %s loop.onnx)" -gt "$(stat -c %s a.onnx)" ] || fail "a loop is not larger than its step"
refuses 2 "an ONNX file has one model, found 2" export runs/a runs/b -o two.onnx
refuses 2 "--title: is for pages; an ONNX file has the model only" export runs/a -o a.onnx --title A
refuses 2 '--rollout: expected an output file that ends in .onnx, found "page.html"' export runs/a --rollout
refuses 1 "none/a.onnx: *" export runs/a -o none/a.onnx

if "$program" export runs/a -o a.html 2>&1 | grep -q 'built without the web page'; then
    echo "skipped: this program was built without its page"
    exit 77
fi
# The models embedded in a page, as JSON.
models_of() {
    "$(command -v node || command -v nodejs)" "$sources/tests/web/print_models.mjs" "$1"
}
run 0 export runs/a -o a.html
grep -qE '^a\.html  [0-9.]+ kB$' out.txt || fail "the size of the page is not printed"
models_of a.html | grep -q '"name":"a"' || fail "the model is not named after its run"
grep -q '<title>a</title>' a.html || fail "the title is not the model's name"
grep -q "connect-src 'none'" a.html || fail "the page may connect"
! grep -qE '(src|href)="?https?:' a.html || fail "the page names an address"

run 0 export runs/a/model.safetensors runs/b/ -o two.html --title 'A & <b>'
[ "$(models_of two.html | grep -o '"name":"[ab]"' | tr '\n' ' ')" = '"name":"a" "name":"b" ' ] || fail "not two models in order"
grep -q '<title>A &amp; &lt;b&gt;</title>' two.html || fail "the title is not escaped"

run 0 export runs -o all.html
[ "$(models_of all.html | grep -o '"name":"[ab]"' | wc -l)" = 2 ] || fail "a folder of runs is not all its runs"

run 0 export runs/a -o small.html --quantise int8
grep -q '^a: int8 .*200 steps' out.txt || fail "the error of int8 is not printed"
models_of small.html | grep -q '"type":"I8"' || fail "the weights are not bytes"
[ "$(stat -c %s small.html)" -lt "$(stat -c %s a.html)" ] || fail "bytes are not smaller than floats"

# A page small enough for mail: with a model of the usual size in int8 it is under 92 kB in all.
run 0 export "$sources/examples/head.safetensors" --quantise int8 -o head.html
[ "$(stat -c %s head.html)" -lt 92000 ] || fail "the page of a quantised model has $(stat -c %s head.html) bytes"

run 0 convert runs/a chest.pt
run 0 export chest.pt -o chest.html --filter scharr
models_of chest.html | grep -q '"name":"chest"' || fail "a .pt is not named after its file"

# Learned filters are stored with their number and their taps.
run 0 train --target phantom "${tiny[@]}" --iterations 2 --filter learned --filter-count 3 -o taps --quiet
run 0 export taps -o taps.html
models_of taps.html | grep -q '"filter":"learned","filterCount":3' || fail "the page does not know the filters"
models_of taps.html | grep -q '"name":"perception.taps"' || fail "the page has no taps"

# The course of a run: the models that it saved on the way.
run 0 train --target phantom "${tiny[@]}" --iterations 7 --snapshot-every 3 -o learned --quiet
[ "$(ls learned/snapshots | tr '\n' ' ')" = '000003.safetensors 000006.safetensors ' ] || fail "snapshots: $(ls learned/snapshots)"
run 0 export learned/snapshots learned -o learned.html
[ "$(models_of learned.html | grep -o '"name":"[a-z0-9]*"' | tr '\n' ' ')" = '"name":"000003" "name":"000006" "name":"learned" ' ] ||
    fail "the snapshots are not in the page in order"
run 0 train --target phantom "${tiny[@]}" --iterations 3 -o again --quiet
same_file learned/snapshots/000003.safetensors again/model.safetensors
run 0 train --target phantom "${tiny[@]}" --iterations 2 -o learned --overwrite --quiet
[ ! -e learned/snapshots ] || fail "snapshots of the run that was replaced are left"

# Classifiers: example images of the run, of another set, or from files.
run 0 data synth breastmnist -o breastmnist.npz --count 16,4,8
run 0 train --task classify --data breastmnist.npz --n-channels 8 --hidden 8 --steps-min 3 --steps-max 3 \
    --iterations 2 --batch-size 4 --threads 1 -o classes --quiet
examples_of() {
    "$(command -v node || command -v nodejs)" "$sources/tests/web/print_models.mjs" "$1" nca-examples
}
run 0 export classes -o classes.html
models_of classes.html | grep -q '"classifier":{"kind":"binary-class","classes":\["malignant","normal, benign"\]' ||
    fail "the page does not know the classes"
examples_of classes.html | grep -q '"height":28,"width":28,"channels":1,"count":6,"labels":\[\[0\],\[1\],\[0\],\[1\],\[0\],\[1\]\]' ||
    fail "not three examples of each class"
examples_of classes.html | grep -q '"names":\["test/' || fail "the examples are not those of test"
run 0 export classes/model.safetensors -o few.html --examples 1 --split val
examples_of few.html | grep -q '"count":2,.*"names":\["val/' || fail "not one example of each class of val"
run 0 export classes -o none.html --examples 0
! grep -q nca-examples none.html || fail "there are examples"
cp classes/model.safetensors alone.safetensors
run 0 export alone.safetensors -o alone.html
grep -q 'no example images.*--data' err.txt || fail "nothing says that there are no examples"
run 0 export alone.safetensors -o alone.html --data breastmnist.npz --examples 2
examples_of alone.html | grep -q '"count":4,' || fail "not two examples of each class of the set"
run 0 data show breastmnist.npz --index 3 -o image.png
run 0 export alone.safetensors -o alone.html --image image.png --image image.png
examples_of alone.html | grep -q '"count":2,"names":\["image.png","image.png"\]' || fail "the image files are not examples"
! examples_of alone.html | grep -q '"labels"' || fail "the image files have labels"
run 0 export classes -o int8.html --quantise int8
grep -q 'classes: int8 .*6 examples' out.txt || fail "the error of int8 is not printed"
mv breastmnist.npz moved.npz
run 0 export classes -o lost.html
grep -q 'no example images.*breastmnist.npz' err.txt || fail "nothing says why there are no examples"
refuses 2 'a page: classes classifies images and a does not*' export classes runs/a --examples 0
refuses 2 '--examples:*' export classes --examples many
refuses 2 '--split:*train, val or test*"all"*' export classes --data moved.npz --split all
mkdir -p trees/train/elm trees/train/oak
cp image.png trees/train/elm/ && cp image.png trees/train/oak/
run 0 export classes -o trees.html --data trees
examples_of trees.html | grep -q '"count":2,.*elm/image.png' || fail "not the images of train"
run 2 export classes --data trees --split val
grep -q 'trees: the split val has no images' err.txt || fail "an empty split: $(cat err.txt)"
run 0 data synth bloodmnist -o bloodmnist.npz --count 16,8,8
run 0 data show bloodmnist.npz -o colour.png
refuses 2 'colour.png:*grey*colour*' export classes --image colour.png
refuses 1 'bloodmnist.npz:*1 channels and 2 classes*3 and 8*' export classes --data bloodmnist.npz
refuses 1 'nothing.npz:*' export classes --data nothing.npz
refuses 1 'nothing.png:*' export classes --image nothing.png
refuses 2 '--examples:*remove*' export runs/a --examples 3

refuses 2 '*model*nca export --help*' export
refuses 2 '--quantise:*int8*"int4"*' export runs/a --quantise int4
mkdir empty
refuses 1 'empty: expected a run folder with model.safetensors, or a folder of such runs *' export empty
run 1 export nothing.safetensors -o x.html
[ ! -e x.html ] || fail "a page without a model was written"
run 1 export runs/a -o no/folder/x.html
grep -q 'no/folder/x.html' err.txt || fail "the page that cannot be written is not named"

# ARGUMENTS: a command that serves a page, in the background. Its output is left in served.txt, its
# host and port in $address.
serve() {
    : >served.txt
    "$program" "$@" --no-open >served.txt 2>err.txt &
    server=$!
    for _ in $(seq 100); do
        [ -s served.txt ] && break
        sleep 0.05
    done
    address=$(sed -nE 's|^http://([0-9.:]+)/.*|\1|p' served.txt)
}
stop_serving() {
    kill -INT "$server"
    wait "$server" || fail "Ctrl-C is a failure"
}
ask() { # HOST PATH: the answer is left in answer.txt
    exec 3<>"/dev/tcp/${address%:*}/${address#*:}"
    printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$2" "$1" >&3
    tr -d '\0' <&3 >answer.txt
    exec 3<&-
}

refuses 2 '*model*nca play --help*' play
run 2 play runs/a --port 70000
"$program" play runs/a --no-open --port 0 >out.txt 2>err.txt && fail "port 0 is taken"
serve play runs/a
grep -qE '^http://127\.0\.0\.1:[0-9]+/  \(Ctrl-C [a-z ]+\)$' served.txt || fail "the address is not printed: $(cat served.txt err.txt)"
ask "$address" /
head -1 answer.txt | grep -q '^HTTP/1.1 200 OK' || fail "the page is not served: $(head -1 answer.txt)"
models_of answer.txt | grep -q '"name":"a"' || fail "the page served has no model"
for host in "127.0.0.1:9" localhost; do # through a tunnel, and on port 80
    ask "$host" /
    head -1 answer.txt | grep -q '^HTTP/1.1 200 OK' || fail "its own name is refused: $host"
done
for host in 127.0.0.1.evil.example 127.0.0.1:80.evil.example localhostile; do
    ask "$host" /
    head -1 answer.txt | grep -q '^HTTP/1.1 403 ' || fail "another name is answered: $host"
done
ask evil.example /
head -1 answer.txt | grep -q '^HTTP/1.1 403 ' || fail "another name is answered: $(head -1 answer.txt)"
ask "$address" /config.yaml
head -1 answer.txt | grep -q '^HTTP/1.1 404 ' || fail "another path is answered: $(head -1 answer.txt)"
stop_serving

# Other machines need a key.
unset NCA_KEY
run 2 play runs/a --bind 0.0.0.0
grep -q '^nca: --bind: .*NCA_KEY.*--key-file' err.txt || fail "how a key is given is not said: $(cat err.txt)"
refuses 2 'key:*16*64*letters*digits*server*machines*reach*needs*' play runs/a --bind 0.0.0.0 --key short
refuses 2 'bind:*IPv4*192.168.1.5*"0.0.0.0:80"*' play runs/a --bind 0.0.0.0:80 --key 0123456789abcdef
serve play runs/a --bind 0.0.0.0 --key 0123456789abcdef
grep -qE '^http://[0-9.]+:[0-9]+/\?key=0123456789abcdef  ' served.txt && ! grep -q '//0\.0\.0\.0' served.txt || fail "the address has no key: $(cat served.txt err.txt)"
address=127.0.0.1:$(sed -nE 's|^http://[0-9.]+:([0-9]+)/.*|\1|p' served.txt)
for query in '' '?key=' '?key=0123456789abcdeX' '?other=0123456789abcdef'; do
    ask some.name:80 "/$query"
    head -1 answer.txt | grep -q '^HTTP/1.1 403 ' || fail "answered without the key: $query"
done
ask some.name:80 '/?key=0123456789abcdef'
head -1 answer.txt | grep -q '^HTTP/1.1 200 ' || fail "not answered with the key: $(head -1 answer.txt)"
stop_serving

# Options are visible in the list of processes, so the key can come from the environment or a file.
echo fedcba9876543210 >key.txt
has_key() { # KEY: the server that was started is reached with it only, and does not show it
    grep -qE "^http://[0-9.]+:[0-9]+/\?key=$1  " served.txt || fail "not this key: $(cat served.txt err.txt)"
    ! tr '\0' ' ' <"/proc/$server/cmdline" | grep -q "$1" || fail "the key is in the list of processes"
    ask some.name:80 "/?key=$1"
    head -1 answer.txt | grep -q '^HTTP/1.1 200 ' || fail "not answered with the key: $(head -1 answer.txt)"
    ask "$address" /
    head -1 answer.txt | grep -q '^HTTP/1.1 403 ' || fail "answered without the key"
    stop_serving
}
serve play runs/a --bind 127.0.0.1 --key-file key.txt
has_key fedcba9876543210
NCA_KEY=0123456789ABCDEF serve play runs/a --bind 127.0.0.1
has_key 0123456789ABCDEF
NCA_KEY=0123456789ABCDEF serve watch runs/a --bind 127.0.0.1 --key-file <(cat key.txt)
has_key fedcba9876543210
NCA_KEY=0123456789ABCDEF serve play runs/a # only this machine reaches it
grep -qE '^http://127\.0\.0\.1:[0-9]+/  ' served.txt || fail "a page for this machine has a key: $(cat served.txt)"
stop_serving
for wrong in '' short $(printf '0123456789%.0s' {1..10}) 0123456789-abcdef; do
    echo "$wrong" >wrong.txt
    run 2 play runs/a --bind 127.0.0.1 --no-open --key-file wrong.txt
    grep -q '^nca: key: .*16 to 64' err.txt || fail "a wrong key in a file: $(cat err.txt)"
done
run 1 play runs/a --bind 127.0.0.1 --no-open --key-file nothing.txt
grep -q '^nca: nothing.txt: .*No such file' err.txt || fail "the missing file is not named: $(cat err.txt)"
run 1 play runs/a --bind 127.0.0.1 --no-open --key-file empty
run 2 play runs/a --bind 127.0.0.1 --no-open --key-file key.txt --key 0123456789abcdef
grep -q '^nca: --key .*--key-file' err.txt || fail "two keys: $(cat err.txt)"
run 2 train --key-file key.txt
grep -q -- '--live' err.txt || fail "a key without a page: $(cat err.txt)"

# A desktop's browser is opened, but never with the key among its arguments.
mkdir bin
printf '#!/bin/sh\necho "$1" >>"%s/opened.txt"\n' "$PWD" >bin/xdg-open
chmod +x bin/xdg-open
for wanted in 1 0; do
    rm -f opened.txt
    key=
    [ "$wanted" = 1 ] || key='--bind 127.0.0.1 --key-file key.txt'
    DISPLAY=:0 PATH=$PWD/bin:$PATH "$program" play runs/a $key >served.txt 2>err.txt &
    server=$!
    for _ in $(seq 100); do
        [ -s served.txt ] && break
        sleep 0.05
    done
    for _ in $(seq 20); do
        [ -s opened.txt ] && break
        sleep 0.05
    done
    stop_serving
    [ "$(cat opened.txt 2>/dev/null | wc -l)" = "$wanted" ] || fail "browsers opened, not $wanted: $(cat opened.txt)"
done

# A message from a page without the token, or many connections, do not end training.
node=$(command -v node || command -v nodejs)
run_live() { # SCRIPT: beside a training of 8x8 pixels
    "$program" train --target phantom "${tiny[@]}" --iterations 1000000 -o runs/live --overwrite --quiet --live --no-open 2>err.txt >out.txt &
    training=$!
    for _ in $(seq 200); do
        grep -q 'http://127' err.txt && break
        sleep 0.05
    done
    "$node" -e "$1" "$(sed -nE 's|.*http://127.0.0.1:([0-9]+)/.*|\1|p' err.txt)" || fail "not answered as expected: $1"
    kill -0 "$training" || fail "the training has ended: $(cat err.txt)"
    kill -INT "$training"
    wait "$training"
    [ $? = 130 ] || fail "the training did not end as it was told: $(cat err.txt)"
}
run_live '
const net = require("net"), port = Number(process.argv[1]);
const socket = net.connect(port, "127.0.0.1", () => socket.write(`GET /live HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
  `Origin: http://127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
socket.once("data", () => socket.write(Buffer.concat([Buffer.from([0x81, 0xFE, 3, 232, 0, 0, 0, 0]), Buffer.alloc(1000, "[")])));
socket.on("data", () => {}).on("error", () => {}).on("close", () => setTimeout(() => process.exit(0), 300));
setTimeout(() => process.exit(1), 10000);'

# nca watch only reads a run's files.
refuses 2 '*nca watch --help*' watch
run 1 watch empty --no-open
grep -q '^nca: empty: .*config.yaml' err.txt ||
    fail "what is missing is not named: $(cat err.txt)"
cksum runs/*/* >before.txt
serve watch runs
ask "$address" /
head -1 answer.txt | grep -q '^HTTP/1.1 200 OK' || fail "nca watch serves no page: $(cat served.txt err.txt)"
[ "$(models_of answer.txt | grep -o '"name":"[ab]"' | wc -l)" = 2 ] || fail "not both runs are in the page"
grep -q '"knobs":false' answer.txt || fail "a page that only watches has knobs"
stop_serving
cksum runs/*/* | cmp -s - before.txt || fail "watching has changed a run"

# A run without a saved model is shown with its initial weights; otherwise the newest weights are
# shown: the final model's or, for a run that continues, the checkpoint's.
mkdir begun && cp runs/a/config.yaml begun/
cp -r runs/a older && run 0 train --resume older --iterations 5 --quiet
cp runs/a/model.safetensors older/ && cp -r older newer
touch -d '1 hour ago' older/model.safetensors
touch -d '1 hour ago' newer/checkpoint.safetensors
for expected in begun=0 older=5 newer=3; do
    serve watch "${expected%=*}"
    ask "$address" /
    models_of answer.txt | grep -q "\"iterations\":${expected#*=}[,}]" || fail "not the newest weights: $expected $(cat err.txt)"
    stop_serving
done

# A page that cannot be made is reported before a run is touched.
cksum runs/a/* >before.txt
refuses 2 'key:*16*64*letters*digits*server*machines*reach*needs*' \
    train --target phantom "${tiny[@]}" -o runs/a --overwrite --live --bind 127.0.0.1 --key short
cksum runs/a/* | cmp -s - before.txt || fail "a refused training has touched the run that it was to replace"
refuses 2 '--no-open needs --live; *' train --no-open
refuses 2 '--bind needs --live; *' \
    train --bind 127.0.0.1 --key 0123456789abcdef
# Up to 1024 runs are shown.
mkdir many
for i in $(seq 200); do mkdir "many/$i" && cp runs/a/config.yaml runs/a/model.safetensors runs/a/metrics.csv "many/$i/"; done
serve watch many
ask "$address" /
[ "$(models_of answer.txt | grep -o '"name":"[0-9]*"' | sort -u | wc -l)" = 200 ] || fail "not all 200 runs are in the page"
stop_serving
rm -r many
mkdir many
for i in $(seq 1025); do mkdir "many/$i" && cp runs/a/config.yaml "many/$i/"; done
refuses 2 'found 1025 runs, expected at most 1024; *' watch many
rm -r many
refuses 2 '*"9000"*--live=9000*' train --live 9000
finish
