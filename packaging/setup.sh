#!/bin/sh
# Set up CXR Desktop in .venv of this checkout: `sh packaging/setup.sh` to use it, `sh packaging/setup.sh test` to test it.
# On Debian, as root or with sudo, the system libraries of Qt are installed as well.
set -eu
cd "$(dirname "$0")/.."

libraries="libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-image0
libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libdbus-1-3 libfontconfig1 fonts-dejavu-core"
extra=""
if [ "${1:-}" = test ]; then
    libraries="$libraries xvfb poppler-utils dcmtk"
    extra="[test]"
fi

python3 -c 'import ensurepip, venv' 2>/dev/null || libraries="$libraries python3-venv"

if command -v dpkg-query >/dev/null; then
    missing=""
    for name in $libraries; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing="$missing $name"
    done
    if [ -n "$missing" ]; then
        if [ "$(id -u)" = 0 ]; then root=""; elif command -v sudo >/dev/null; then root="sudo"; else root="none"; fi
        if [ "$root" = none ]; then
            echo "Please have an administrator install:$missing" >&2
        else
            $root apt-get update -qq
            # shellcheck disable=SC2086
            DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends $missing
        fi
    fi
fi

[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/python -m pip install --quiet --upgrade pip
.venv/bin/python -m pip install --quiet -e ".$extra"
