#!/bin/sh
# Put the launcher before the frozen program:  make_launcher.sh BUNDLE
# It knows the C library of the machine of the build: an older one cannot run what was built there.
set -eu
bundle=$1
here=$(cd "$(dirname "$0")" && pwd)
libc=$(getconf GNU_LIBC_VERSION | sed 's/glibc //')
library=$(cd "$bundle/_internal" && ls libpython*.so* | head -n 1)
mv "$bundle/cxr-desktop" "$bundle/cxr-desktop.bin"
parts=$(cd "$bundle" && for part in cxr-desktop.bin _internal/base_library.zip "_internal/$library"; do
    printf '%s:%s ' "$(wc -c <"$part")" "$part"
done)
sed "s/@LIBC@/$libc/; s|@PARTS@|${parts% }|" "$here/launcher" >"$bundle/cxr-desktop"
chmod 755 "$bundle/cxr-desktop"
