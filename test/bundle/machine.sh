#!/bin/bash
# A machine with nothing on it and no network: `machine.sh FOLDER COMMAND…` runs the command in FOLDER as its root, with this
# machine's /usr to read, its own users and settings, and only the loopback device. Needs root.
set -euo pipefail
root=$1
shift
if [ "${INSIDE:-}" != yes ]; then INSIDE=yes exec unshare --net --mount --fork "$0" "$root" "$@"; fi
ip link set lo up
mkdir -p "$root"/{usr,proc,dev,tmp,etc,run,var,root}
for name in bin sbin lib lib64; do [ -e "$root/$name" ] || ln -s "usr/$name" "$root/$name"; done
mount --bind /usr "$root/usr"
mount -o remount,ro,bind "$root/usr"
mkdir -p "$root/var/usr-local"
mount --bind "$root/var/usr-local" "$root/usr/local"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
[ -e "$root/etc/passwd" ] || printf 'root:x:0:0::/root:/bin/sh\n' >"$root/etc/passwd"
[ -e "$root/etc/group" ] || printf 'root:x:0:\n' >"$root/etc/group"
exec chroot "$root" /usr/bin/env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
