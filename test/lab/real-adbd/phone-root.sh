#!/bin/sh
# Makes the file system of one phone inside a fresh user, mount and pid namespace, and becomes its adbd.
# Everything mounted here goes with the namespace: nothing to clean up.
set -eu
root=$1 folder=$2 tools=$3 sockets=$4 adbd=$5
export ADBD_PORT="$6"

mount -t tmpfs -o mode=0755,size=16m phone "$root"
cd "$root"
mkdir -p usr etc/alternatives dev/pts proc run/phone data sdcard system/bin tmp adbd old

# The machine's own programs (sh, ls, cat, ...), read-only: whoever holds the cable must not be able to change them.
bind_read_only() {
	mount --bind "$1" "$2"
	mount -o remount,bind,ro "$2" || mount -o remount,bind,ro,nosuid,nodev "$2"
}
bind_read_only /usr usr
for name in bin sbin lib lib32 lib64 libx32; do
	if [ -L "/$name" ]; then
		ln -s "$(readlink "/$name")" "$name"
	elif [ -d "/$name" ]; then
		mkdir "$name"
		bind_read_only "/$name" "$name"
	fi
done
[ ! -d /etc/alternatives ] || bind_read_only /etc/alternatives etc/alternatives
echo 'root:x:0:0:shell:/data/local/tmp:/bin/sh' >etc/passwd
echo 'root:x:0:' >etc/group

for device in null zero random urandom tty; do
	: >"dev/$device"
	mount --bind "/dev/$device" "dev/$device"
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
# A container may forbid a new proc; its own will do.
mount -t proc proc proc 2>/dev/null || mount --rbind /proc proc
mount --bind "$folder/boot_id" proc/sys/kernel/random/boot_id 2>/dev/null || true

mount --bind "$folder/data" data
mount --bind "$folder/sdcard" sdcard
bind_read_only "$tools" system/bin
mount --bind "$sockets" run/phone
bind_read_only "$adbd" adbd

pivot_root . old
cd /
umount -l /old
rmdir /old
export PATH=/system/bin:/usr/bin:/bin HOME=/data/local/tmp TMPDIR=/data/local/tmp ANDROID_ROOT=/system ANDROID_DATA=/data
exec "/adbd/$7" --library-path /adbd /adbd/adbd
