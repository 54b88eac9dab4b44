#!/usr/bin/env bash
# Build the bundle, the .deb and the archive, and test what was built:
#
#     packaging/build.sh [cpu|cuda] [FOLDER]
#
# cpu (the usual) holds no GPU libraries; cuda runs on NVIDIA GPUs and is several times as large.
# FOLDER (usually build/bundle) gets the results in FOLDER/out; FOLDER/venv and FOLDER/work can be kept for
# a faster second run. CXR_SMOKE=skip leaves the test of the installed .deb out. CXR_XZ_LEVEL: 0 (fast) to 9
# (small; 6 is a tenth smaller than 2, which is usual, in three times the time); none: a .deb that is not packed, no
# archive.
set -euo pipefail
cd "$(dirname "$0")/.."
edition=${1:-cpu}
folder=$(realpath -m "${2:-build/bundle}")
lock=packaging/bundle/locks/linux-$(uname -m)-$edition.txt
[ -f "$lock" ] || { echo "there is no lock file $lock; make it with packaging/bundle/lock.py" >&2; exit 1; }
need=$([ "$edition" = cuda ] && echo 24 || echo 6)
mkdir -p "$folder/out"
free=$(df -BG --output=avail "$folder" | tail -1 | tr -dc 0-9)
[ "$free" -ge "$need" ] || { echo "$folder has $free GB free; the $edition edition needs $need" >&2; exit 1; }

version=$(sed -n 's/__version__ = "\(.*\)"/\1/p' cxr_desktop/__init__.py)
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export CXR_XZ_LEVEL=${CXR_XZ_LEVEL:-2}
export PYTHONHASHSEED=0  # with the time above, the same commit gives the same archives
name=cxr-desktop-$version-linux-$(uname -m)-$edition
out=$folder/out python=$folder/venv/bin/python bundle=$folder/dist/cxr-desktop

step() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }

step "packages of $lock"
[ -x "$python" ] || python3.11 -m venv "$folder/venv" || python3 -m venv "$folder/venv"
# The lock lists all that is needed; what else timm asks for fetches weights from hubs, which is never done.
if ! "$python" -m pip install --quiet --no-deps --require-hashes -r "$lock" >"$folder/pip.log" 2>&1; then
    grep -v "^WARNING: Location" "$folder/pip.log" >&2
    exit 1
fi

step "icons"
QT_QPA_PLATFORM=offscreen "$python" packaging/installers/icons.py "$folder/icons"

step "bundle"
CXR_BUNDLE_SOURCES=$folder/sources.json "$python" -m PyInstaller --noconfirm --log-level WARN \
    --distpath "$folder/dist" --workpath "$folder/work" packaging/bundle/cxr_desktop.spec
# torch's and Python's libraries carry symbols for debuggers; others are left as their makers signed them off.
strip --strip-unneeded "$bundle"/_internal/torch/lib/*.so "$bundle"/_internal/libpython*.so*

step "licences and components"
"$python" packaging/bundle/notices.py "$folder/sources.json" "$bundle"
sh packaging/installers/linux/make_launcher.sh "$bundle"

step "size"
"$python" packaging/bundle/report.py "$bundle" "$bundle/files.sha256"
cp "$bundle/files.sha256" "$out/$name.files.sha256"
if [ "$edition" = cpu ] && find "$bundle" -iname '*nvidia*' -o -iname 'libcu[db]*' -o -iname '*nvjpeg*' | grep -q .; then
    echo "the cpu edition holds GPU libraries" >&2
    exit 1
fi
step "doctor"
CXR_DESKTOP_DATA=$folder/data "$bundle/cxr-desktop" doctor

step ".deb"
sh packaging/installers/linux/make_deb.sh "$bundle" "$folder/icons" "$version" "$out/$name.deb"
if [ "$CXR_XZ_LEVEL" != none ]; then
    step "archive"
    sh packaging/installers/linux/make_archive.sh "$bundle" "$folder/icons" "$out/$name.tar.xz"
fi
cp "$bundle/sbom.cdx.json" "$out/$name.cdx.json"
(cd "$out" && sha256sum "$name".* >SHA256SUMS && ls -l "$name".*)

if [ "${CXR_SMOKE:-}" != skip ]; then
    step "smoke test"
    bash packaging/smoke/run.sh "$out/$name.deb" "$python" "$folder"
fi
step "done"
