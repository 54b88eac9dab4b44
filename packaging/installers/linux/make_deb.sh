#!/bin/sh
# Put a bundle into a .deb:  make_deb.sh BUNDLE ICONS VERSION TARGET.deb
# It goes to /opt/cxr-desktop; the menu, the file types and /usr/bin/cxr-desktop point there.
set -eu
bundle=$1 icons=$2 version=$3 target=$4
here=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
umask 022

mkdir -p "$root/DEBIAN" "$root/opt" "$root/usr/bin" "$root/usr/share/applications" "$root/usr/share/mime/packages" \
    "$root/usr/share/doc/cxr-desktop" "$root/etc/cxr-desktop" "$root/usr/share/icons/hicolor/scalable/apps"
cp -al "$bundle" "$root/opt/cxr-desktop" 2>/dev/null || cp -a "$bundle" "$root/opt/cxr-desktop"
ln -s /opt/cxr-desktop/cxr-desktop "$root/usr/bin/cxr-desktop"
install -m 644 "$here/cxr-desktop.desktop" "$root/usr/share/applications/"
install -m 644 "$here/cxr-desktop-mime.xml" "$root/usr/share/mime/packages/cxr-desktop.xml"
install -m 644 "$here/../policy.toml.example" "$root/usr/share/doc/cxr-desktop/"
ln -s /opt/cxr-desktop/LICENCES.html "$root/usr/share/doc/cxr-desktop/copyright.html"
printf 'Every licence of what this package holds: /opt/cxr-desktop/LICENCES.html\n' >"$root/usr/share/doc/cxr-desktop/copyright"
install -m 644 "$icons/cxr-desktop.svg" "$root/usr/share/icons/hicolor/scalable/apps/"
for picture in "$icons"/*x*.png; do
    size=$(basename "$picture" .png)
    install -D -m 644 "$picture" "$root/usr/share/icons/hicolor/$size/apps/cxr-desktop.png"
done
install -m 755 "$here/postinst" "$here/postrm" "$root/DEBIAN/"

# The libraries are those of the machine of the build; an older C library cannot run them.
libc=$(ldd --version | sed -n '1s/.* //p')
cat >"$root/DEBIAN/control" <<CONTROL
Package: cxr-desktop
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: CXR Desktop <packages@cxr-desktop.invalid>
Installed-Size: $(du -sk --apparent-size "$root/opt" | cut -f1)
Depends: libc6 (>= $libc), libegl1, libgl1, libfontconfig1, fonts-dejavu-core | fonts-liberation | fonts-noto-core
Recommends: shared-mime-info, desktop-file-utils
Section: science
Priority: optional
Description: review of chest radiographs with an honest look inside the network
 Opens DICOM and common images, classifies with bundled or own models, shows by
 many attribution methods where a score comes from, and compares those places
 with readers' boxes. Works without any network. Not for diagnostic use.
CONTROL
(cd "$root" && find opt usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$root" -newermt "@${SOURCE_DATE_EPOCH:-0}" -print0 | xargs -0 -r touch -h -d "@${SOURCE_DATE_EPOCH:-0}"
level=${CXR_XZ_LEVEL:-2}
if [ "$level" = none ]; then packed=-Znone; else packed="-Zxz -z$level"; fi
# shellcheck disable=SC2086
dpkg-deb --root-owner-group $packed --build "$root" "$target" >/dev/null
