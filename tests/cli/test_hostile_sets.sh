# Damaged and hostile MedMNIST files as a target: each causes one line of error that names the file,
# and an exit code, with little memory; nothing is written.
. "$(dirname "$0")/common.sh" "$1"
corpus=$(realpath "$golden/../../fuzz/corpus")

# Not with a sanitizer, which reserves terabytes of address space itself.
limit=
if (ulimit -v 1000000 && "$program" --version) >/dev/null 2>&1; then
    limit=1000000
fi

# hostile FILE WHAT PATTERN: checks the message about the file as a target.
hostile() {
    local file=$1 what=$2 pattern=$3 code
    (
        [ -z "$limit" ] || ulimit -v $limit
        exec "$program" train --recipe distill --target "medmnist:$file/train/0" --iterations 1 \
            --threads 1 -o made
    ) >out.txt 2>err.txt
    code=$?
    [ "$code" = 1 ] || fail "$what: expected exit code 1, found $code"
    [ "$(wc -l <err.txt)" = 1 ] || fail "$what: expected one line, found: $(cat err.txt)"
    grep -qF "nca: medmnist:$file/train/0: $file: " err.txt || fail "$what: no file in $(cat err.txt)"
    grep -q "$pattern" err.txt || fail "$what: no \"$pattern\" in $(cat err.txt)"
    [ ! -s out.txt ] || fail "$what: standard output is $(cat out.txt)"
    [ ! -e made ] || fail "$what: a folder was made"
    ! LC_ALL=C grep -q '[[:cntrl:]]' err.txt || fail "$what: control characters in the message"
}

files=0
for bad in "$corpus"/medmnist/bad-* "$corpus"/npz/bad-* "$corpus"/npz/found-*; do
    cp "$bad" set.npz
    if [ "${bad##*/}" = bad-checksum ]; then # of the whole array, of which a target reads one image
        run 1 data verify set.npz
        grep -q 'set.npz: .*train_images' err.txt || fail "a wrong checksum: $(cat err.txt)"
        continue
    fi
    hostile set.npz "${bad##*/}" .
    files=$((files + 1))
done
[ "$files" -ge 12 ] || fail "only $files files in the corpus"

good=$corpus/medmnist/good-grey
size=$(wc -c <"$good")
for part in 0 1 2 3 4 5 6 7; do
    head -c $((size * part / 8)) "$good" >cut.npz
    hostile cut.npz "$part of 8 parts" 'expected a zip archive'
done
printf '\211PNG\r\n\032\n' >picture.npz
hostile picture.npz "a picture" 'expected a zip archive'
head -c 1000000 /dev/zero >zeros.npz
hostile zeros.npz "zeros" 'expected a zip archive'
mkdir folder.npz
hostile folder.npz "a folder" folder.npz
mkfifo pipe.npz # nobody writes: opening it must not wait
hostile pipe.npz "a pipe" pipe.npz
ln -s loop.npz loop.npz
hostile loop.npz "a link to itself" loop.npz
touch shut.npz
chmod 000 shut.npz
hostile shut.npz "a file that may not be read" shut.npz

# The arrays exist, but not the image or the split.
cp "$good" set.npz
refuses 2 'medmnist:set.npz/train/9:*set.npz*2*0*1*9*' \
    train --target medmnist:set.npz/train/9 -o made
refuses 2 'medmnist:set.npz/tset/0:*"tset"*' \
    train --target medmnist:set.npz/tset/0 -o made
refuses 1 'medmnist:brestmnist/train/0:*"brestmnist"*"breastmnist"*' \
    train --target medmnist:brestmnist/train/0 --root . -o made
[ ! -e made ] || fail "a refused target left a folder"
finish
