#!/bin/sh
# The baseline of the enrolment rows: the same phone-side actions as `holdfast enroll --no-seal`, as a careful shell script would do
# them with the adb client, one command each. It talks to no registry: requests to the agent were made beforehand.
#   enroll-with-adb.sh ADB_PORT SERIAL APK BIND_REQUEST HELLO_REQUEST START_REQUEST (the last three base64)
set -eu
export ANDROID_ADB_SERVER_PORT=$1 ANDROID_SERIAL=$2
apk=$3 bind=$4 hello=$5 start=$6
package=dev.holdfast.agent
run() { adb shell "$@" </dev/null; }
ask() { run content call --uri content://$package.cable --method deliver --arg "$1" | grep -q 'reply='; }

run getprop >/dev/null
run settings get global adb_enabled >/dev/null
run settings get global boot_count >/dev/null
run settings get secure user_setup_complete >/dev/null
run settings get secure find_device_enabled >/dev/null
run pm list users >/dev/null
run pm list features >/dev/null
run dumpsys account >/dev/null
run dpm list-owners >/dev/null
run service call iphonesubinfo 4 i32 0 s16 com.android.shell >/dev/null
run service call iphonesubinfo 4 i32 1 s16 com.android.shell >/dev/null
run dumpsys battery >/dev/null
run df -k /data >/dev/null
run pm path $package >/dev/null || true

# `adb install` wants abb, which the adbd of the virtual handsets has not; this is the same stream, and the faster way.
adb shell cmd package install -r -S "$(wc -c <"$apk")" <"$apk" | grep -q Success
run pm path $package | grep -q package:
run dumpsys package $package | grep -q versionName

run dpm set-device-owner $package/.AdminReceiver | grep -q Success
run dpm list-owners | grep -q $package

for op in 10007 10008 10020 10021 RUN_IN_BACKGROUND RUN_ANY_IN_BACKGROUND; do
	run cmd appops set $package $op allow >/dev/null
	run cmd appops get $package $op >/dev/null
done
run cmd deviceidle whitelist +$package >/dev/null
run cmd deviceidle whitelist | grep -q $package
run am set-standby-bucket $package active >/dev/null
run am get-standby-bucket $package >/dev/null

ask "$hello"
ask "$bind"
ask "$hello"
ask "$start"
ask "$start"
