#!/usr/bin/env bash
# Build, sign and notarise the macOS application, on macOS with Python 3.11:  build.sh
# Not run on the machines where this program is developed; a macOS CI runner runs it.
#
# SIGNING_IDENTITY  'Developer ID Application: ...' of the keychain; without it the bundle is signed ad hoc
# NOTARY_PROFILE    a profile that `xcrun notarytool store-credentials` has put into the keychain
set -euo pipefail
cd "$(dirname "$0")/../../.."
folder=build/bundle
lock=packaging/bundle/locks/darwin-$(uname -m)-cpu.txt
version=$(sed -n 's/__version__ = "\(.*\)"/\1/p' cxr_desktop/__init__.py)
[ -f "$lock" ] || { echo "there is no $lock; write it here with: python packaging/bundle/lock.py cpu" >&2; exit 1; }

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

# Notarisation wants the hardened runtime and a time stamp; without an identity the signature is ad hoc.
if [ -n "${SIGNING_IDENTITY:-}" ]; then
    codesign --force --deep --options runtime --timestamp \
        --entitlements packaging/installers/macos/entitlements.plist --sign "$SIGNING_IDENTITY" "$app"
else
    codesign --force --deep --sign - "$app"
fi
image=$folder/cxr-desktop-$version-macos-$(uname -m).dmg
hdiutil create -volname "CXR Desktop" -srcfolder "$app" -ov -format UDZO "$image"
if [ -n "${NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
fi
