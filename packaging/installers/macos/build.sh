#!/usr/bin/env bash
# Build, sign and notarise the macOS application, on macOS 14 or newer with Python 3.11:  build.sh
# Not run on the machines where this program is developed; a macOS CI runner runs it.
#
# SIGNING_IDENTITY  'Developer ID Application: ...' of the keychain; without it the bundle is signed ad hoc
# NOTARY_PROFILE    a profile that `xcrun notarytool store-credentials` has put into the keychain
set -euo pipefail
cd "$(dirname "$0")/../../.."
folder=build/bundle
lock=packaging/bundle/locks/darwin-$(uname -m)-cpu.txt
version=$(sed -n 's/__version__ = "\(.*\)"/\1/p' cxr_desktop/__init__.py)
[ -f "$lock" ] || { echo "there is no $lock; write it with: python packaging/bundle/lock.py cpu darwin-$(uname -m)" >&2; exit 1; }

python3.11 -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip install --quiet --no-deps --require-hashes -r "$lock"
"$python" packaging/installers/icons.py "$folder/icons"
if [ ! -f "$folder/icons/cxr-desktop.icns" ]; then # Qt could not write it
    set=$folder/icons/cxr-desktop.iconset
    mkdir -p "$set"
    for size in 16 32 128 256 512; do cp "$folder/icons/${size}x$size.png" "$set/icon_${size}x$size.png"; done
    iconutil -c icns -o "$folder/icons/cxr-desktop.icns" "$set"
fi
cp "$folder/icons/cxr-desktop.icns" packaging/installers/macos/
CXR_BUNDLE_SOURCES=$folder/sources.json "$python" -m PyInstaller --noconfirm \
    --distpath "$folder/dist" --workpath "$folder/work" packaging/bundle/cxr_desktop.spec
app="$folder/dist/CXR Desktop.app"
"$python" packaging/bundle/notices.py "$folder/sources.json" "$app/Contents/Resources"
"$python" packaging/bundle/report.py "$app"

# Every binary by itself, from the inside out: Apple advises against --deep, and its notary service refuses a
# library that has no time stamp of its own. Entitlements are the program's alone. Without an identity the
# signature is ad hoc and cannot be notarised.
if [ -n "${SIGNING_IDENTITY:-}" ]; then
    sign() { codesign --force --options runtime --timestamp --sign "$SIGNING_IDENTITY" "$@"; }
else
    sign() { codesign --force --sign - "$@"; }
fi
find "$app/Contents" -type f -print0 | while IFS= read -r -d '' file; do
    if file -b "$file" | grep -q Mach-O; then sign "$file"; fi
done
find "$app/Contents" -depth -type d -name '*.framework' -print0 | while IFS= read -r -d '' framework; do
    sign "$framework"
done
sign --entitlements packaging/installers/macos/entitlements.plist "$app"
codesign --verify --deep --strict "$app"
image=$folder/cxr-desktop-$version-macos-$(uname -m).dmg
hdiutil create -volname "CXR Desktop" -srcfolder "$app" -ov -format UDZO "$image"
if [ -n "${SIGNING_IDENTITY:-}" ]; then codesign --timestamp --sign "$SIGNING_IDENTITY" "$image"; fi
if [ -n "${NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
fi
