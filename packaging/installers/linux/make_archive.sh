#!/bin/sh
# Put a bundle into an archive that runs from wherever it is unpacked:  make_archive.sh BUNDLE ICONS TARGET.tar.xz
# `./install-for-me` in it adds the program to the user's own menu, `./install-for-me remove` takes it away.
set -eu
bundle=$1 icons=$2 target=$3
here=$(cd "$(dirname "$0")" && pwd)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -al "$bundle" "$stage/cxr-desktop" 2>/dev/null || cp -a "$bundle" "$stage/cxr-desktop"
mkdir "$stage/cxr-desktop/share"
cp "$here/cxr-desktop.desktop" "$here/cxr-desktop-mime.xml" "$here/../policy.toml.example" \
    "$icons/cxr-desktop.svg" "$stage/cxr-desktop/share/"
install -m 755 "$here/install-for-me" "$stage/cxr-desktop/"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-0}" \
    -C "$stage" -cf - cxr-desktop | xz -T0 "-${CXR_XZ_LEVEL:-2}" >"$target"
