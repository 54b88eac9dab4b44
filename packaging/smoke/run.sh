#!/usr/bin/env bash
# Test a .deb as an offline workstation meets it:  packaging/smoke/run.sh FILE.deb PYTHON FOLDER
#
# Installs it into an empty Debian without Python and without any network, runs the command line and the window
# there, and compares what they say with the source tree, run by PYTHON (the build's). Wants root, debootstrap,
# xvfb and xdotool, and ends with 77 where this machine has not got them. FOLDER/out gets a screenshot and the times.
set -euo pipefail
deb=$(realpath "$1") python=$2 folder=$(realpath -m "$3")
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
root=$folder/root out=$folder/out
export OMP_NUM_THREADS=2  # the same sums in the same order, here and there

fail() { printf 'smoke test: %s\n' "$*" >&2; exit 1; }
lacking() { printf 'smoke test: not run, %s\n' "$*" >&2; exit 77; }
passed() { printf 'ok  %s\n' "$*"; }

for tool in debootstrap Xvfb xdotool; do
    command -v "$tool" >/dev/null || lacking "$tool is missing; install it"
done
[ "$(id -u)" = 0 ] || lacking "an empty root can be made by root alone"

unshare --net --mount --pid --fork true 2>/dev/null || lacking "this machine allows no namespaces"

# What a desktop system has: a screen's libraries and a font. No Python.
if [ ! -e "$root/made" ]; then
    rm -rf "$root"
    debootstrap --variant=minbase \
        --include=libegl1,libgl1,libfontconfig1,fonts-dejavu-core,shared-mime-info,desktop-file-utils \
        bookworm "$root" >"$folder/debootstrap.log" 2>&1 || lacking "debootstrap failed: $(tail -3 "$folder/debootstrap.log")"
    chroot "$root" useradd --create-home reader
    chroot "$root" useradd --create-home other
    touch "$root/made"
fi
home=$root/home/reader
rm -rf "$home"/* "$home"/.[a-z]* "$root"/home/other/.[a-z]* "$root/etc/cxr-desktop"

# Own network namespace without any interface up, own mounts and processes: all of it is gone afterwards.
inside() { # USER COMMAND...
    # shellcheck disable=SC2016
    unshare --net --mount --pid --fork --kill-child -- sh -c '
        root=$1 user=$2; shift 2
        mount -t proc proc "$root/proc"
        mount -t tmpfs tmpfs "$root/dev/shm" 2>/dev/null || true
        if [ -d /tmp/.X11-unix ]; then
            mkdir -p "$root/tmp/.X11-unix" && mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
        fi
        home=/root; [ "$user" = root ] || home=/home/$user
        ip link set lo up 2>/dev/null || true
        exec chroot --userspec="$user" "$root" env -i HOME="$home" USER="$user" PATH=/usr/bin:/bin:/usr/sbin:/sbin \
            LANG=C.UTF-8 OMP_NUM_THREADS=2 DISPLAY="${DISPLAY:-}" sh -c "cd; exec \"\$@\"" sh "$@"' sh "$root" "$@"
}

inside root sh -c 'for name in /usr/bin/python* /usr/local/bin/python*; do [ ! -e "$name" ] || exit 0; done; exit 1' &&
    fail "there is a Python in the empty root"
inside root sh -c 'grep -q . /proc/net/route && [ "$(wc -l </proc/net/route)" -gt 1 ]' && fail "there is a network"
passed "an empty root: no Python, no network"

inside root dpkg -r cxr-desktop >/dev/null 2>&1 || true
cp -f "$deb" "$root/root/cxr-desktop.deb"
inside root dpkg -i /root/cxr-desktop.deb >"$folder/dpkg.log" 2>&1 || fail "dpkg -i: $(cat "$folder/dpkg.log")"
rm "$root/root/cxr-desktop.deb"
inside root desktop-file-validate /usr/share/applications/cxr-desktop.desktop || fail "the menu entry is not valid"
inside root grep -q 'application/dicom.*cxr-desktop' /usr/share/applications/mimeinfo.cache || fail "DICOM files are not its own"
inside root grep -q 'x-cxr-desktop-pack.*cxr-desktop' /usr/share/applications/mimeinfo.cache || fail "case packs are not its own"
passed "installed: $(du -sm "$root/opt/cxr-desktop" | cut -f1) MB from a .deb of $(($(stat -c %s "$deb") / 1000000)) MB"

DISPLAY="" inside reader cxr-desktop doctor >"$folder/doctor.txt" 2>&1 || fail "doctor: $(cat "$folder/doctor.txt")"
passed "doctor finds nothing wrong"
study=/opt/cxr-desktop/_internal/cxr_desktop/_resources/demo/study
asked=(--method gradcam,rap --formats json,pdf,png,csv --json)
DISPLAY="" inside reader cxr-desktop analyze "$study/one-current.dcm" "$study/five.dcm" \
    --boxes "$study/boxes.csv" --out /home/reader/there "${asked[@]}" >"$folder/there.json" || fail "analyze failed in the bundle"
"$python" "$here/source_tree.py" analyze "$tree/resources/demo/study/one-current.dcm" \
    "$tree/resources/demo/study/five.dcm" --boxes "$tree/resources/demo/study/boxes.csv" --out "$folder/here" "${asked[@]}" \
    >"$folder/here.json" || fail "analyze failed in the source tree"
"$python" "$here/compare.py" "$folder/here" "$home/there" || fail "the bundle and the source tree differ"

DISPLAY="" && . "$here/commands.sh"
. "$here/hardships.sh"
python=$python home=$home out=$out folder=$folder here=$here . "$here/window.sh"

inside root dpkg -r cxr-desktop >>"$folder/dpkg.log" 2>&1 || fail "dpkg -r: $(tail -3 "$folder/dpkg.log")"
[ ! -e "$root/opt/cxr-desktop" ] && [ ! -e "$root/usr/bin/cxr-desktop" ] || fail "removal leaves files: $(find "$root/opt" | head -3)"
[ -n "$(find "$home/.local/share/cxr-desktop" -type f | head -1)" ] || fail "removal took the reader's data"
passed "removed; the reader's data are still there"
echo "smoke test passed"
