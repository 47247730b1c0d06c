#!/bin/sh
# A container, as far as the kernel makes one: started in mount, process and host-name namespaces of its own, inside the network
# namespace of its pod. It sees a read-only root with the image's files, its volumes and /proc, and is nobody in particular.
#
# usage: pod.sh ROOT HOSTNAME USER NODE_PREFIX LOCAL VOLUMES HOSTS command…
#   VOLUMES: a folder of which each folder is mounted at its name below /

set -eu
root=$1 name=$2 user=$3 node=$4 local=$5 volumes=$6 hosts=$7
shift 7

mount --make-rprivate /
hostname "$name"
mount -t tmpfs -o size=1m none "$root"
cd "$root"
mkdir -p usr node proc dev etc tmp
for path in bin lib lib32 lib64 sbin; do
  if [ -L "/$path" ]; then cp -P "/$path" "$path"
  elif [ -d "/$path" ]; then mkdir "$path" && mount --bind "/$path" "$path" && mount -o remount,bind,ro "$path"
  fi
done
bind() { mount --bind "$1" "$2" && mount -o remount,bind,ro "$2"; }
bind /usr usr
bind "$local" usr/local
bind "$node" node
for volume in "$volumes"/*; do
  [ -d "$volume" ] || continue
  mkdir -p "$(basename "$volume")"
  bind "$volume" "$(basename "$volume")"
done
mount -t proc none proc
for device in null zero random urandom; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
cp "$hosts" etc/hosts
echo 'hosts: files' >etc/nsswitch.conf
mount -o remount,ro "$root"

exec chroot "$root" /usr/bin/setpriv --reuid "${user%:*}" --regid "${user#*:}" --clear-groups --no-new-privs \
  --bounding-set=-all --inh-caps=-all -- "$@"
