// What only a phone can tell. `holdfast doctor --hardware-report` answers what a command can answer, under these numbers; README.md shows
// this table (npm run docs). What a report has called by a number stays under it: a new question is added at the end of its group with
// the next free number, and the number of one that was settled is not given out again.

import { AGENT_PACKAGE } from "../../proto/android-agent.ts";

/** One thing that nobody could prove without a phone. */
export interface HardwareQuestion {
	readonly number: number;
	readonly question: string;
	/** What a person types or does; Markdown. */
	readonly command: string;
	/** What to do with the answer. */
	readonly next: string;
}

/** Questions that belong together. */
export interface HardwareGroup {
	readonly title: string;
	readonly questions: readonly HardwareQuestion[];
}

const REPORT = "`holdfast doctor --hardware-report`";

/** Every question, in the order in which somebody with a phone meets them. */
export const HARDWARE_CHECKLIST: readonly HardwareGroup[] = [
	{
		title: "Putting the agent on the phone",
		questions: [
			{
				number: 1,
				question: "Does the APK install on Android 8, 11, 15 and newer?",
				command: "`adb install -r holdfast-agent.apk`, once on each",
				next: "A refusal's text goes into `provisioning/handset/install-faults.ts`",
			},
			{
				number: 2,
				question: "Does it become device owner?",
				command: `\`adb shell dpm set-device-owner ${AGENT_PACKAGE}/.AdminReceiver\`, on a phone without accounts`,
				next: "A refusal's text goes into `provisioning/handset/dpm-faults.ts`",
			},
			{
				number: 3,
				question: "Does ART accept the dex that dx made?",
				command: "`adb logcat -s dex2oat art AndroidRuntime` while installing, then `adb shell dumpsys package dexopt`",
				next: "A VerifyError: the class it names is written otherwise, and the dexdump gate learns the instruction",
			},
			{
				number: 4,
				question: "Does `libholdfast.so` load, on 4 KB and 16 KB pages, on each ABI?",
				command: "`adb shell getconf PAGE_SIZE; adb shell getprop ro.product.cpu.abilist`, then `adb logcat -d | grep Holdfast`",
				next: "An UnsatisfiedLinkError names the symbol or segment: the import list of the native build is corrected",
			},
			{
				number: 5,
				question: "Does the engine pass its self-check?",
				command: "`adb logcat -d | grep Holdfast` after the first start",
				next: "If not, the agent must have kept its last posture and say so; send the log",
			},
			{
				number: 6,
				question: "How long does one `handle()` take on a cheap phone?",
				command: REPORT,
				next: "Above 500 ms: see which events take it; signatures and digests are the platform's already",
			},
			{
				number: 7,
				question: "Does Play Protect warn of the agent, or remove it?",
				command: "Play Store, Play Protect, scan; with the network on, over a week",
				next: "Send the words of the warning; an appeal needs the release key's certificate",
			},
			{
				number: 8,
				question: "Does a provisioning QR code reach the agent?",
				command: "Six taps on the first screen of a reset phone, scan a code that names the APK",
				next: "Send the step that fails; enrolment over the cable does not need it",
			},
			{
				number: 9,
				question: "Does an update work while the phone is locked, and does the lock stay?",
				command: "Lock FULL, open a service window, `adb install -r` of a higher version",
				next: "The lock must be back within a minute without a touch; if not, send the log of the replaced-package receiver",
			},
		],
	},
	{
		title: "The cable",
		questions: [
			{
				number: 10,
				question: "Does the shell reach the agent's provider?",
				command: REPORT,
				next: "The text of a failure goes into `proto/android-agent.ts`",
			},
			{
				number: 11,
				question: "Also after a restart, before the first unlock?",
				command: `Restart, do not unlock, ${REPORT}`,
				next: "If not, the provider or what it opens is not direct-boot aware on this build",
			},
			{
				number: 12,
				question: "Is everybody but the shell turned away: an app, an app that was granted DUMP, root?",
				command: "The `content call` of [the Android host](agent/hosts/android/README.md) from a test app, then after `adb root`",
				next: "Anything but a SecurityException is a hole: report it as SECURITY.md says",
			},
			{
				number: 13,
				question: "Does a request as long as one argument may be come through?",
				command: REPORT,
				next: "If less does, `MAX_CABLE_ARGUMENT` comes down to it",
			},
			{
				number: 14,
				question: "Is the answer to the last request still carried when debugging goes off?",
				command: "`holdfast enroll CONTRACT --json=stream`, the last step",
				next: "If it is lost, a second is too short (`ANSWER_MILLIS` in `AnswerFirst.java`); a phone with a network reports the seal itself",
			},
			{
				number: 15,
				question: "Does USB debugging stay closed when it was sealed, and does a service order open it?",
				command: "Enrol, try the switch and a restart; then `holdfast order service-window CONTRACT`",
				next: "A phone that opens it by itself is not sealed: that build is refused at enrolment",
			},
			{
				number: 16,
				question: "How fast is the cable really?",
				command: "`time adb push FILE /data/local/tmp/`; `holdfast doctor` names a slow one",
				next: "The limit in `provisioning/handset/preflight.ts` is set by it",
			},
			{
				number: 54,
				question: "How many phones does one USB controller of a station take, and do they stay when one restarts?",
				command: "Plug in one after the other, `sudo dmesg | grep -i xhci` after each; then restart one",
				next: "The number goes into the table of `provisioning/station/README.md`, with the computer and the hubs",
			},
		],
	},
	{
		title: "Keys and identity",
		questions: [
			{
				number: 17,
				question: "What chain does Keystore give for the device key?",
				command:
					"`holdfast enroll`, then `holdfast verify`: it prints what the registry found; the chain is in the receipt in the evidence folder",
				next: "Send the findings and the chain: the registry judges it by Android's test chains, and by no phone yet",
			},
			{
				number: 18,
				question: "Does it attest IMEI and serial number (id attestation)?",
				command: "`adb shell pm list features | grep attestation`, then the receipt's chain",
				next: "Where it does, the registry may demand it for that model",
			},
			{
				number: 19,
				question: "Is there a StrongBox, and does making a key in it take too long?",
				command: "`adb shell pm list features | grep strongbox`, then the time of the enrolment's bind step",
				next: "Above 20 s the agent stays with the TEE on that model",
			},
			{
				number: 20,
				question: "Does the attested boot state stay the same over an update of the system?",
				command: "`holdfast doctor` before and after the update",
				next: "If not, the digest leaves out the patch level",
			},
			{
				number: 21,
				question: "Do HyperOS 2 and 3 give IMEIs as properties?",
				command: "`adb shell getprop | grep -i imei`",
				next: "The lab's profile of that build is corrected",
			},
			{
				number: 22,
				question: "Does `iphonesubinfo` answer on Android 15 and 16?",
				command: "`adb shell service call iphonesubinfo 4 i32 0 s16 com.android.shell`",
				next: "Another transaction number goes into `provisioning/handset/imei.ts`",
			},
			{
				number: 23,
				question: "Is the SIM's identity readable without its number, over a restart, and with another SIM?",
				command: "Restart; swap the SIM; look at what the agent's page says of the SIM",
				next: "If not, the agent says nothing of SIMs on that build",
			},
			{
				number: 24,
				question: "Does data of another storage survive when the agent's is cleared? The second memory needs it.",
				command: 'Settings, the agent, "clear data": does the phone say that contact is required?',
				next: "If everything is gone, clearing must be forbidden by the owner's own rule",
			},
			{
				number: 25,
				question: "Is a backup of the agent refused?",
				command: `\`adb shell bmgr backupnow ${AGENT_PACKAGE}\`: "Backup is not allowed"; Xiaomi's own backup, too`,
				next: "Whatever comes out of a backup must be refused by the ledger's check",
			},
		],
	},
	{
		title: "What a lock does, and what it never does",
		questions: [
			{
				number: 26,
				question: "Can an emergency call be made from the keyguard and from the lock screen, in FULL?",
				command: "Lock FULL, screen off, screen on, Emergency; do not let it ring",
				next: "If not, no lock may be used on that build: F1",
			},
			{
				number: 27,
				question: "Does an incoming call come through and ring while FULL, and can it be taken?",
				command: "Lock FULL, call the phone, with the screen on and off",
				next: "If not, no FULL lock on that build: F2",
			},
			{
				number: 28,
				question: "Is lock task in force, with the features that were asked for?",
				command: "`adb shell dumpsys activity activities | grep -i locktask` while locked in a service window",
				next: "What is missing goes into the build's list of what it cannot do",
			},
			{
				number: 29,
				question: "Which DISALLOW_* restrictions does HyperOS really keep to?",
				command: "`adb shell dumpsys user`, then try each by hand: reset, safe mode, second space",
				next: 'The rows that do not hold are told to the borrower as "where the phone allows it"',
			},
			{
				number: 30,
				question: "Are all of them lifted after the release, and does nothing stay behind (OwnDroid#363)?",
				command: `\`holdfast release\`, then ${REPORT} and a restart`,
				next: "What stays is left out of the posture on that build",
			},
			{
				number: 31,
				question: "Are suspended apps all back after a release, with their notifications?",
				command: "Lock LIMITED, release, open each",
				next: "If not, hiding by suspension is not used on that build",
			},
			{
				number: 32,
				question: "Which apps can a person of this phone not do without?",
				command:
					"`adb shell settings get secure dialer_default_application`, `sms_default_application`, `default_input_method`; `adb shell ime list -s`",
				next: "The agent must have named the same in its list of essential apps",
			},
			{
				number: 33,
				question: "What does a factory reset from recovery leave, and does the lender hear of it?",
				command: "Recovery, wipe data; set the phone up again",
				next: "Known to be possible; the registry must show a phone that was never heard of again",
			},
			{
				number: 34,
				question: "Is the agent there in safe mode, where that is not refused?",
				command: "Power menu, hold restart, on a phone that is locked",
				next: "If safe mode opens a locked phone, the row is told as not held",
			},
			{
				number: 51,
				question: "Does the audio mode say that there is a call, for emergency calls and over Wi-Fi too?",
				command: "`adb shell dumpsys audio | grep -i mode` during a test call",
				next: "Where it does not, a lock could begin during a call: another sign is needed in `device/TelephoneCalls`",
			},
			{
				number: 52,
				question: "Does the anchor outlive the app's folder, and is it there before the first unlock?",
				command: "on a rooted phone: `res_dev.holdfast.agent.xml` in `/data/system/users/0`",
				next: "If it does not, another second memory is needed in `store/`",
			},
		],
	},
	{
		title: "Staying alive",
		questions: [
			{
				number: 35,
				question: "Are the agent's alarm and job registered?",
				command: `\`adb shell dumpsys alarm\` and \`adb shell dumpsys jobscheduler ${AGENT_PACKAGE}\``,
				next: "If one is missing, the agent would not wake by itself: send the report",
			},
			{
				number: 36,
				question: "Does the exact alarm come in doze?",
				command: "`adb shell dumpsys deviceidle force-idle`, wait for the time that the alarm names, look at the log",
				next: "The delay is written into the grace that a lock leaves for being late",
			},
			{
				number: 37,
				question: "Does the agent hear the start of the phone with MIUI's autostart off?",
				command: `Switch autostart off by hand, restart, \`adb shell dumpsys package ${AGENT_PACKAGE}\`, then the log`,
				next: "If not, the alarm and the home screen must be enough; the grant of app-op 10007 is then a must",
			},
			{
				number: 38,
				question: "Does a swipe from recents end the agent for good?",
				command: "Open the agent's page, swipe it away, wait for the next alarm",
				next: "If so, `setUserControlDisabledPackages` is not enough on that build",
			},
			{
				number: 39,
				question: "Does the shell get app-op 10008 with the security switch off?",
				command: `\`adb shell cmd appops set ${AGENT_PACKAGE} 10008 allow\``,
				next: "If so, the switch is not asked for at enrolment",
			},
			{
				number: 40,
				question: "Does the security switch survive signing out and a restart?",
				command: "`adb shell getprop persist.security.adbinput`, before and after",
				next: "If not, release asks for it again",
			},
			{
				number: 41,
				question: "Does one `cmd appops get` list MIUI's numbered operations?",
				command: `\`adb shell cmd appops get ${AGENT_PACKAGE}\` after enrolment with \`--no-seal\``,
				next: "If so, `provisioning/handset/grants.ts` asks once less",
			},
			{
				number: 42,
				question: "What does the agent take from the battery in a week?",
				command: `\`adb shell dumpsys batterystats --charged ${AGENT_PACKAGE}\` after a week in use`,
				next: "Above 0.5 % a day: the wake-ups in it are counted and cut",
			},
			{
				number: 43,
				question: "Do a change of the clock, of the time zone, and a week without power leave trusted time right?",
				command: "Change each in the settings, offline; compare the days left on the agent's page",
				next: "No lock may come sooner, and none be put off for good",
			},
		],
	},
	{
		title: "What a person sees",
		questions: [
			{
				number: 44,
				question: "Are notifications shown, from Android 13 on without being asked for?",
				command: "Enrol, let a payment fall due, look at the shade and at the keyguard",
				next: "A notice that was not shown does not count: the lock waits; send the build",
			},
			{
				number: 45,
				question: "Can TalkBack read and work every screen, the emergency call included?",
				command: "Switch TalkBack on, walk through each screen by swiping",
				next: "What is not read is a fault of ours",
			},
			{
				number: 46,
				question: "Is everything readable at a font of 200 % and the largest display size, on the smallest phone?",
				command: "Settings, display; each screen, in each language",
				next: "What is cut off is a fault of ours; send a picture",
			},
			{
				number: 47,
				question: "Are Hindi and the other languages drawn whole by the phone's own fonts?",
				command: "Each language once; send pictures to somebody who reads it",
				next: "Words are corrected by a native reader before use",
			},
		],
	},
	{
		title: "Xiaomi",
		questions: [
			{
				number: 48,
				question: "Does a hidden `com.xiaomi.unactivated` account stop device owner?",
				command: "`adb shell dumpsys account`, then `holdfast enroll`",
				next: "If it does, the remedy asks for the SIM first",
			},
			{
				number: 49,
				question: "Can the China ROM uninstall a device owner?",
				command: `\`adb uninstall ${AGENT_PACKAGE}\` after enrolment with \`--no-seal\``,
				next: "If it can, the build is refused at enrolment",
			},
			{
				number: 50,
				question: 'Where does HyperOS keep "Find device"? We read `find_device_enabled`, a guess.',
				command: "`adb shell settings list secure | grep -i find`, switch on and off",
				next: "The name goes into `provisioning/handset/facts.ts`",
			},
			{
				number: 53,
				question: "Does a phone show the slot number that the station asks it to show, also with the security switch off?",
				command:
					"`adb shell cmd notification post -v -t Slot holdfast-slot Test`; then look at the shade and the keyguard; `adb shell input keyevent KEYCODE_WAKEUP`",
				next: "No `posted:` or nothing in the shade: that build's phones are found by the stickers; send the words",
			},
		],
	},
];

/** Every question, without its group. */
export const HARDWARE_QUESTIONS: readonly HardwareQuestion[] = HARDWARE_CHECKLIST.flatMap(({ questions }) => questions);
