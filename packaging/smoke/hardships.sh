# What an installation meets in hospitals, each with a sentence instead of a crash; read by run.sh.
# shellcheck shell=bash disable=SC2154

said() { # WHAT PATTERN FILE
    grep -Eq "$2" "$3" || fail "$1: $(tail -5 "$3")"
    ! grep -q Traceback "$3" || fail "$1 ends in a traceback: $(tail -5 "$3")"
    passed "$1: $(grep -Em1 "$2" "$3" | cut -c1-150)"
}
try() { # WHAT PATTERN COMMAND...
    local what=$1 pattern=$2
    shift 2
    inside "$@" >"$folder/hardship.txt" 2>&1 && fail "$what was passed over: $(tail -3 "$folder/hardship.txt")"
    said "$what" "$pattern" "$folder/hardship.txt"
}

try "no display" "no display to open a window on" reader cxr-desktop
mkdir -p "$root/etc/cxr-desktop"
policy=$root/etc/cxr-desktop/policy.toml
echo '[[' >"$policy"
try "a damaged policy" "/etc/cxr-desktop/policy.toml is no valid TOML" reader cxr-desktop analyze --out x
printf '[locked]\nexport_formats = ["pdf"]\nnodes = ["pacs.example"]\n' >"$policy"
try "a format that the policy forbids" "csv may not be exported on this computer" \
    reader cxr-desktop analyze "$study/two.dcm" --formats csv --out x
try "a node that the policy forbids" "127.0.0.1:11112 may not be called" reader cxr-desktop nodes echo self
rm -r "$root/etc/cxr-desktop"

try "no GPU" "device 'cuda' is not on this machine" reader cxr-desktop analyze "$study/two.dcm" --device cuda --out x
try "an old C library" "glibc 2.31\) is too old" reader sh -c '
    mkdir -p old && printf "#!/bin/sh\necho glibc 2.31\n" >old/getconf && chmod +x old/getconf
    PATH=$PWD/old:$PATH cxr-desktop doctor'
try "a read-only home" "cannot be written" root sh -c '
    mount --bind /home/reader /home/reader && mount -o remount,ro,bind /home/reader &&
    exec setpriv --reuid reader --regid reader --clear-groups env HOME=/home/reader cxr-desktop doctor'
try "a full disk" "No space left on device|full" root sh -c '
    mount -t tmpfs -o size=100k,mode=777 tmpfs /mnt && cd /mnt &&
    exec setpriv --reuid reader --regid reader --clear-groups env HOME=/mnt cxr-desktop analyze "$1" --out out' \
    sh "$study/two.dcm"

# A damaged bundle: one file at a time, put back afterwards.
installed=$root/opt/cxr-desktop
harmed() { # FILE missing|changed|short|altered
    local file=$installed/$1 size
    size=$(stat -c %s "$file")
    cp -a "$file" "$folder/whole"
    case $2 in
    missing) rm "$file" ;;
    changed) printf 'x' | dd of="$file" bs=1 seek=8 conv=notrunc status=none ;;
    short) truncate -s $((size / 2)) "$file" ;;
    altered) dd if=/dev/zero of="$file" bs=64K count=32 seek=$((size * 60 / 100 / 65536)) conv=notrunc status=none ;;
    esac
}
mended() { cp -a "$folder/whole" "$installed/$1" && rm "$folder/whole"; }
weights=_internal/cxr_desktop/_resources/models/demo/weights.safetensors
harmed "$weights" changed
try "changed weights" "SHA-256|not the file" reader cxr-desktop analyze "$study/two.dcm" --out x
try "changed weights, doctor" "weights.safetensors \(changed\)" reader cxr-desktop doctor
mended "$weights"
for library in _internal/torch/lib/libtorch_cpu.so "_internal/$(basename "$(ls "$installed"/_internal/libpython*)")"; do
    harmed "$library" missing
    try "$(basename "$library") missing" "damaged" reader cxr-desktop analyze "$study/two.dcm" --out x
    mended "$library"
done
for part in _internal/torch/lib/libtorch_cpu.so cxr-desktop.bin; do
    harmed "$part" short
    try "$(basename "$part") cut short" "$(basename "$part") is cut short" reader cxr-desktop analyze "$study/two.dcm" --out x
    mended "$part"
done
harmed cxr-desktop.bin altered
try "an altered program" "damaged" reader cxr-desktop analyze "$study/two.dcm" --out x
mended cxr-desktop.bin
harmed _internal/torch/lib/libc10.so changed
try "libc10.so changed" "damaged" reader cxr-desktop analyze "$study/two.dcm" --out x
try "libc10.so changed, doctor" "libc10.so \(changed\)" reader cxr-desktop doctor
mended _internal/torch/lib/libc10.so

# Another account on the same computer sees nothing of the first one's.
inside reader cxr-desktop library --add "$study/two.dcm" >"$folder/library.txt" 2>&1 || fail "library: $(cat "$folder/library.txt")"
inside other cxr-desktop library >"$folder/other.txt" 2>&1 || fail "library of another user: $(cat "$folder/other.txt")"
inside reader cxr-desktop library >"$folder/library.txt" 2>&1
grep -q '1 image' "$folder/library.txt" || [ "$(wc -c <"$folder/library.txt")" -gt "$(wc -c <"$folder/other.txt")" ] ||
    fail "the reader's library is empty: $(cat "$folder/library.txt")"
inside other ls /home/reader/.local/share/cxr-desktop >/dev/null 2>&1 && fail "another account may look into the reader's data"
passed "two accounts do not meet"

# The folder of the archive, wherever it is moved.
mv "$installed" "$root/srv/a new place"
inside reader "/srv/a new place/cxr-desktop" models >"$folder/moved.txt" 2>&1 || fail "a moved folder: $(cat "$folder/moved.txt")"
mv "$root/srv/a new place" "$installed"
passed "a moved folder starts"

# No font: the window opens with that of the reports, and says so.
inside reader sh -c '
    mkdir -p nofonts && printf "<fontconfig><dir>%s/nofonts</dir></fontconfig>" "$HOME" >fonts.conf
    FONTCONFIG_FILE=$HOME/fonts.conf QT_QPA_PLATFORM=offscreen timeout 20 cxr-desktop open' >"$folder/fonts.txt" 2>&1 || true
said "no font" "This system has no font" "$folder/fonts.txt"
