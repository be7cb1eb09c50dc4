import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { readApk } from "../../../provisioning/handset/apk.ts";
import { property, readBuild, readProps } from "../../../provisioning/handset/build-facts.ts";
import { classifyDpm } from "../../../provisioning/handset/dpm-faults.ts";
import { factsFrom } from "../../../provisioning/handset/facts.ts";
import { FaultError, fault } from "../../../provisioning/handset/fault.ts";
import { readImeis } from "../../../provisioning/handset/imei.ts";
import { classifyInstall, classifyUninstall } from "../../../provisioning/handset/install-faults.ts";
import { readOwnerAnswer } from "../../../provisioning/handset/owner-reading.ts";
import { readParcelString } from "../../../provisioning/handset/parcel.ts";
import { plainLine, plainText } from "../../../provisioning/handset/plain-text.ts";
import { readUserRestrictions } from "../../../provisioning/handset/restrictions.ts";
import { scrubber } from "../../../provisioning/handset/scrub.ts";
import { readSections } from "../../../provisioning/handset/sections.ts";
import { classifySetting } from "../../../provisioning/handset/setting-faults.ts";
import { readAccounts, readUsers } from "../../../provisioning/handset/users.ts";
import { parseDeviceList } from "../../../provisioning/transport/device-list.ts";
import { CutOffError } from "../../../provisioning/transport/incoming-bytes.ts";
import { classifyServerRefusal } from "../../../provisioning/transport/server-refusals.ts";
import { readShell, TooMuchOutputError } from "../../../provisioning/transport/shell-protocol.ts";
import { agentManifest, makeApk, makeKey } from "../../provisioning/handset/made-apk.ts";
import { type FuzzTarget, require, textTarget } from "../target.ts";

/** What no terminal, page or log of ours may get from a phone. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const PROPS = `[ro.serialno]: [abc123]
[ro.product.model]: [23078PND5G]
[ro.build.version.sdk]: [35]
[ro.mi.os.version.name]: [OS2]
[ro.build.version.incremental]: [OS2.0.8.0.VMUINXM]
[ro.ril.miui.imei0]: [866907051234564]
[two.lines]: [one
two]
[sys.boot_completed]: [1]
`;
const PARCEL = `Result: Parcel(
  0x00000000: 00000000 0000000f 00350033 00340035 '........3.5.5.4.'
  0x00000010: 00300039 00360030 00390039 00370032 '9.0.0.6.9.9.2.7.'
  0x00000020: 00390033 00000034                   '3.9.4...        ')`;
const USERS = "Users:\n\tUserInfo{0:Owner:c13} running\n\tUserInfo{999:XSpace:801010} running\n";
const ACCOUNTS = "User UserInfo{0:Owner:c13}:\n  Accounts: 1\n    Account {name=2807***558, type=com.xiaomi}\n";
const OWNERS = "1 owner:\nUser  0: admin=dev.holdfast.agent/.AdminReceiver,DeviceOwner,Affiliated\n";
const DUMP = "Current Device Policy Manager state:\n  Device Owner:\n    admin=ComponentInfo{p/p.R}\n";
const RESTRICTIONS = "UserInfo{0:Owner:c13}\n  Restrictions:\n    none\n  Effective restrictions:\n    no_factory_reset\n";
const PACKAGE =
	"Package [dev.holdfast.agent] (1):\n  versionCode=7 minSdk=26\n  versionName=0.7.0\n  flags=[ HAS_CODE ]\n  User 0: enabled=0\n";

function scriptOf(sections: Readonly<Record<string, string>>): string {
	return `sections 0f-mark-0f\n${Object.entries(sections)
		.map(([name, text]) => `\n0f-mark-0f < ${name}\n${text}\n0f-mark-0f > 0\n`)
		.join("")}`;
}

/** The whole reading of a phone, as one text: what a hostile handset answers to everything that is asked of it. */
const FACTS = scriptOf({
	props: PROPS,
	imei0: PARCEL,
	owner: OWNERS,
	users: USERS,
	accounts: ACCOUNTS,
	pm_path: "package:/data/app/a/base.apk\n",
	pm_dump: PACKAGE,
	battery: "  level: 80\n",
	df: "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/x 100 50 50 50% /data\n",
	uptime: "100.5 20.1\n",
	boot_count: "7\n",
});

const printed = (stdout: string) => ({ stdout, stderr: "", exitCode: 1 });
const shellFrame = (id: number, text: string) => {
	const data = Buffer.from(text);
	const head = Buffer.alloc(5);
	head[0] = id;
	head.writeUInt32LE(data.length, 1);
	return Buffer.concat([head, data]);
};

/** Everything that a phone or an adb server can say. */
export const handsetTargets = (): FuzzTarget[] => [
	textTarget(
		"handset/facts",
		[FACTS],
		(text) => {
			const sections = readSections(text);
			try {
				const facts = factsFrom(sections);
				const shown = JSON.stringify([facts.serial, facts.model, facts.marketName, facts.build, facts.owner]);
				require(!UNSAFE.test(shown.replaceAll(/\\[nt]/g, "")), "what is shown of a phone has no controls");
				require(shown.length < 64 * 1024, "what is kept of a phone is bounded");
				return "taken";
			} catch (error) {
				if (error instanceof FaultError) return "refused";
				throw error;
			}
		},
		{
			words: ["0f-mark-0f < props\n", "0f-mark-0f > 0\n", "0f-mark-0f < owner\n", "[ro.serialno]: [", "]\n"],
			longest: 600 * 1024,
			cost: 4,
		},
	),
	textTarget(
		"handset/props",
		[PROPS],
		(text) => {
			const props = readProps(text);
			readBuild(props);
			const { fault: problem } = readImeis({ props, subscriberInfo: [text], tradeIn: text });
			require((property(props, "ro.serialno") ?? "").length <= 128, "a value is bounded");
			return problem && props.size === 0 ? "refused" : "taken";
		},
		{ words: ["[ro.ril.miui.imei0]: [", "]\n", "]: [", '{"imeis":["'], longest: 600 * 1024 },
	),
	textTarget(
		"handset/parcel",
		[PARCEL, "Result: Parcel(00000000 ffffffff '........')"],
		(text) => {
			const read = readParcelString(text);
			if (!("value" in read)) return "refused";
			require((read.value ?? "").length <= 1024, "a string is bounded");
			return "taken";
		},
		{ words: ["Parcel(", "0x00000010:", "00000000 ", "ffffffff "] },
	),
	textTarget(
		"handset/dumps",
		[USERS, ACCOUNTS, OWNERS, DUMP, RESTRICTIONS],
		(text) => {
			const [users, accounts, restrictions] = [readUsers(text), readAccounts(text), readUserRestrictions(text)];
			const owner = readOwnerAnswer({ stdout: text, stderr: "", exitCode: 0 });
			require((users?.length ?? 0) <= 64 && (accounts?.length ?? 0) <= 64, "lists are bounded");
			require(!(owner.fault && owner.deviceOwner), "an owner or a fault");
			require((owner.fault?.raw?.length ?? 0) <= 4096, "what a fault keeps is bounded");
			return users || accounts || restrictions || !owner.fault ? "taken" : "refused";
		},
		{
			words: ["UserInfo{0:", "Accounts: ", "Account {name=", ", type=", "no owners\n", "Restrictions:\n", "Device Owner:\n"],
			longest: 600 * 1024,
		},
	),
	textTarget(
		"handset/refusals",
		[
			"java.lang.SecurityException: Calling identity is not authorized\n\tat com.android.server.devicepolicy.DevicePolicyManagerService.setActiveAdmin(X.java:1)",
			"Trying to set the device owner (p/.R), but device owner (q/.S) is already set.",
			"Failure [INSTALL_FAILED_USER_RESTRICTED: Install canceled by user]",
			"error: device unauthorized.",
		],
		(text) => {
			const codes = [
				classifyDpm(printed(text)),
				classifyInstall(printed(text)),
				classifyUninstall(printed(text)),
				classifySetting(printed(text)),
				classifyServerRefusal(text),
			];
			const { raw = "" } = fault("UNCLASSIFIED", { raw: text, details: { text } });
			require(raw.length <= 4096 && !UNSAFE.test(raw), "raw text is bounded and has no controls");
			return codes.some((code) => code !== undefined) ? "taken" : "refused";
		},
		{
			words: [
				"Trying to set the device owner",
				"but device owner",
				"is already set",
				"Can't set package ",
				"ComponentInfo{",
				"at com.android.server.devicepolicy.DevicePolicyManagerService.",
			],
			longest: 256 * 1024,
		},
	),
	textTarget(
		"handset/plain-text",
		["\u001b]0;title\u0007x\u001b[31mred\u001b[0m\u202eabc", "plain"],
		(text) => {
			const [line, whole] = [plainLine(text, 128), plainText(text, 512)];
			require(!UNSAFE.test(whole) && !/[\n\t]/.test(line) && !UNSAFE.test(line), "nothing is left that a terminal obeys");
			require(plainLine(line, 128) === line && plainText(whole, 512) === whole, "doing it again changes nothing");
			require(line.length <= 128 && whole.length <= 512, "bounded");
			return "taken";
		},
		{ words: ["\u001b[", "\u001b]", "\u001bP", "\u0007", "\u001b\\", "\u009b", "\u009d"] },
	),
	textTarget(
		"handset/scrub",
		["imei 866907051234564 mail a@b.cd mac 00:11:22:33:44:55 UserInfo{0:Anna:c13}"],
		(text) => {
			const { clean, know } = scrubber(nobleCrypto, new Uint8Array(8));
			know({ kind: "serial", value: "SERIAL-1" });
			const cleaned = clean(text);
			require(!/(?<![\w.])\d{15}(?![\w.])/.test(cleaned) && !cleaned.includes("SERIAL-1"), "no number of a phone is left");
			return "taken";
		},
		{ words: ["@", "SERIAL-1", "UserInfo{0:", "866907051234564"] },
	),
	textTarget(
		"adb/device-list",
		[
			"abc123 device usb:1-4.2 product:x model:y device:z transport_id:3\n",
			"abc123       no permissions (user in plugdev group; are your udev rules wrong?); see [http://x] usb:1-1 transport_id:3",
		],
		(text) => {
			const devices = parseDeviceList(text);
			require(devices.every(({ serial, state }) => !UNSAFE.test(serial + state) && serial.length <= 128), "names are plain");
			return devices.length > 0 ? "taken" : "refused";
		},
		{ words: [" usb:", " transport_id:", " model:", "no permissions", " device "] },
	),
	{
		name: "adb/shell-stream",
		form: "bytes",
		cost: 4,
		samples: () => [
			Buffer.concat([shellFrame(1, "out"), shellFrame(2, "err"), shellFrame(3, "\0")]),
			Buffer.concat([shellFrame(1, "a".repeat(300)), shellFrame(3, "\u0007")]),
		],
		run: async (input) => {
			const chunks = async function* () {
				for (let at = 0; at < input.length; at += 7) yield input.subarray(at, at + 7);
			};
			try {
				const { stdout, stderr } = await readShell(chunks(), 4096);
				require(stdout.length + stderr.length <= 4096, "output is bounded");
				return "taken";
			} catch (error) {
				if (error instanceof CutOffError || error instanceof TooMuchOutputError) return "refused";
				throw error;
			}
		},
	},
	{
		name: "handset/apk",
		form: "bytes",
		cost: 200,
		samples: () => [makeApk(agentManifest(), makeKey("p256"))],
		run: (input) => {
			try {
				readApk(input);
				return "taken";
			} catch (error) {
				if (error instanceof FaultError && error.fault.code === "APK_UNREADABLE") return "refused";
				throw error;
			}
		},
	},
];
