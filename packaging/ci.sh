#!/usr/bin/env bash
# Build and test the bundle where a change could have broken it:  packaging/ci.sh
#
# CXR_BUNDLE=skip never builds, CXR_BUNDLE=build always does. Where this machine cannot provide what a build needs
# (root, disk, tools, the locked packages, time), it says so and ends well; a build or a test of it that fails, fails.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=${CXR_BUNDLE_SECONDS:-900} # for the whole of it
readonly LACKING=77              # what smoke/run.sh ends with where the machine lacks something
# What goes into the bundle, tests it or starts it.
watched=(packaging/bundle packaging/installers packaging/smoke packaging/build.sh packaging/ci.sh packaging/setup.sh
    pyproject.toml .ci/run cxr_desktop/cli.py cxr_desktop/__main__.py cxr_desktop/app.py)

without() { echo "the bundle is not built: $1"; exit 0; }

choice=${CXR_BUNDLE:-changed}
[ "$choice" != skip ] || without "CXR_BUNDLE is 'skip'"
[ "$(id -u)" = 0 ] || without "its test needs root"
if [ "$choice" = changed ]; then
    # What was handed in: all since the branch left main; on main itself git does not tell, and it is all of the last
    # week along its own line: what was done days before it was handed in counts as well, and so does a merged branch.
    head=$(git rev-parse HEAD 2>/dev/null) || without "git does not tell what changed here"
    base=$(git merge-base HEAD origin/main 2>/dev/null || true)
    if [ -z "$base" ] || [ "$base" = "$head" ]; then
        base=$(git rev-list -1 --first-parent --before="$(($(git log -1 --format=%ct) - 604800))" HEAD)
    fi
    [ -n "$base" ] || base=$(git hash-object -t tree --stdin </dev/null) # younger than a week: all of it is new
    changed=$(git diff --name-only "$base" HEAD -- "${watched[@]}")
    [ -n "$changed" ] || without "nothing that goes into it changed"
    printf 'the bundle is built, for these changed:\n%s\n' "$changed"
fi

free=$(df -BG --output=avail "${TMPDIR:-/tmp}" | tail -1 | tr -dc 0-9)
[ "$free" -ge 10 ] || without "$free GB of disk are free, 10 are needed"
missing=""
for tool in debootstrap xdotool Xvfb:xvfb strip:binutils xz:xz-utils ip:iproute2 unshare:util-linux; do
    command -v "${tool%%:*}" >/dev/null || missing="$missing ${tool##*:}"
done
if [ -n "$missing" ]; then
    # shellcheck disable=SC2086
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing) \
        >/dev/null 2>&1 || without "cannot be installed:$missing"
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" || without "python3 -m venv does not work here"
"$folder/venv/bin/python" -m pip install --quiet --no-deps --require-hashes \
    -r "packaging/bundle/locks/linux-$(uname -m)-cpu.txt" >"$folder/pip.log" 2>&1 ||
    without "the locked packages cannot be had here ($(grep -m1 ERROR "$folder/pip.log" || tail -1 "$folder/pip.log"))"

# Debian's own Python comes without its shared library, which goes into the bundle.
library='from PyInstaller.depend.bindepend import get_python_library_path as found; found()'
if ! "$folder/venv/bin/python" -c "$library" >/dev/null 2>&1; then
    needed=lib$(basename "$(readlink -f "$folder/venv/bin/python")")
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$needed" >/dev/null 2>&1 &&
        "$folder/venv/bin/python" -c "$library" >/dev/null 2>&1 || without "cannot be installed: $needed"
fi

# What is tested here is not handed out: it need not be compressed.
code=0
CXR_XZ_LEVEL=none timeout --kill-after=10 "$limit" bash packaging/build.sh cpu "$folder" || code=$?
case $code in
0) ;;
"$LACKING") echo "the bundle is built and not tested to the end: see the line above" ;;
124 | 137) echo "the bundle is not judged: $limit s did not suffice on this machine" ;;
*) exit "$code" ;;
esac
