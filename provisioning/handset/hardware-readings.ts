import { AGENT_LOG_TAG, AGENT_PACKAGE } from "../../proto/android-agent.ts";
import { plainLine } from "./plain-text.ts";

/** One command of a hardware report: what is run, and what of its output is kept. */
export interface Reading {
	readonly name: string;
	/** Line of the phone's `sh`. Ours, never from outside; changes nothing on the phone. */
	readonly script: string;
	/**
	 * What goes into the report. Everything else is dropped on the station: a phone's dumps are full of other apps, of people's names
	 * and of numbers.
	 */
	readonly keep: (output: string) => readonly string[];
}

const MAX_LINES = 60;
const MAX_LINE = 240;

/** Lines that fit. */
function matching(pattern: RegExp): Reading["keep"] {
	return (output) => lines(output).filter((line) => pattern.test(line));
}

function lines(output: string): string[] {
	return output.split("\n").filter((line) => line.trim() !== "");
}

/** Everything: for commands that only speak of the agent. */
const whole: Reading["keep"] = lines;

/** Properties that tell of the build and of nobody. */
const PROPERTIES = new RegExp(
	`^\\[(?:${[
		"ro\\.product\\.(?:manufacturer|brand|model|device|name|marketname|mod_device|cpu\\.abilist|cpu\\.abi|first_api_level)",
		"ro\\.build\\.(?:fingerprint|id|tags|type|version\\.(?:release|sdk|incremental|security_patch))",
		"ro\\.(?:miui|mi)\\.[\\w.]+",
		"ro\\.boot\\.(?:hwc|flash\\.locked|verifiedbootstate|vbmeta\\.device_state|vbmeta\\.digest)",
		"ro\\.secureboot\\.\\w+",
		"ro\\.crypto\\.(?:state|type)",
		"ro\\.hardware(?:\\.\\w+)?",
		"ro\\.board\\.platform",
		"ro\\.soc\\.\\w+",
		"ro\\.zygote",
		"persist\\.security\\.\\w+",
		"persist\\.sys\\.(?:miui_optimization|usb\\.config)",
		"sys\\.(?:boot_completed|oem_unlock_allowed|user\\.0\\.ce_available)",
	].join("|")})\\]: `,
);

/** `[ro.ril.oem.imei1]: [...]` becomes the name alone: which of them a build fills in is the question. */
const imeiProperties: Reading["keep"] = (output) =>
	lines(output).flatMap((line) => {
		const [, name, value = ""] = /^\[([\w.]*imei[\w.]*)\]: \[(.*)\]$/i.exec(line) ?? [];
		return name === undefined ? [] : [`${name}: ${/^\d{15}$/.test(value) ? "an IMEI" : value === "" ? "empty" : "no IMEI"}`];
	});

/** `Account {name=..., type=com.xiaomi}`: how many of which type, and nobody's name. */
const accountTypes: Reading["keep"] = (output) => {
	const types = [...output.matchAll(/^[ \t]*Account \{name=.*, type=([\w.-]+)\}[ \t]*$/gm)].map(([, type = ""]) => type);
	return [...new Set(types)].map((type) => `${type}: ${types.filter((each) => each === type).length}`);
};

/** The hex dump of a Parcel holds the number itself: only what kind of answer it is may stay. */
const parcelKind: Reading["keep"] = (output) => {
	if (!output.includes("Parcel(")) return [];
	if (/Parcel\(\s*(?:0x0+: )?f{7}[0-9a-f]\b/.test(output)) return ["refused"];
	if (/Parcel\(\s*(?:0x0+: )?0{8} 0000000f\b/.test(output)) return ["a text of 15 characters"];
	return /Parcel\(\s*(?:0x0+: )?0{8} f{8}\b/.test(output) ? ["nothing"] : ["another text"];
};

/** Names of packages only: what follows in a setting (a class, a person's choice) does not matter. */
const packageNames: Reading["keep"] = (output) => lines(output).flatMap((line) => /^[a-z]\w*(?:\.\w+)+/.exec(line)?.[0] ?? []);

/** Everything that is read, in this order. The order counts: what names the phone comes first, so that it is known to the scrubber. */
export const READINGS: readonly Reading[] = [
	{ name: "properties", script: "getprop", keep: matching(PROPERTIES) },
	{ name: "imei properties", script: "getprop", keep: imeiProperties },
	{ name: "imei service", script: "service call iphonesubinfo 4 i32 0 s16 com.android.shell", keep: parcelKind },
	{ name: "page size", script: "getconf PAGE_SIZE", keep: matching(/^\d{4,6}$/) },
	{ name: "features", script: "pm list features", keep: matching(/keystore|attestation|device_admin|verified_boot|strongbox/) },
	{
		name: "agent package",
		script: `dumpsys package ${AGENT_PACKAGE}`,
		keep: matching(
			/Unable to find package|^\s*Package \[|versionCode=|versionName=|(?:pkgF|f)lags=\[|primaryCpuAbi|User 0:|signatures=|(?:first|last)\w+Time=|targetSdk|installerPackageName|status=|^\s*android\.permission\.\w+: granted/,
		),
	},
	{
		name: "agent file",
		script: `p=$(pm path ${AGENT_PACKAGE} | head -n 1); sha256sum "\${p#package:}"`,
		keep: (output) => output.match(/^[0-9a-f]{64}(?=\s)/m) ?? [],
	},
	{ name: "agent process", script: `pidof ${AGENT_PACKAGE}`, keep: (output) => (/^\d+/.test(output) ? ["runs"] : []) },
	{
		name: "owners",
		script: "dumpsys device_policy",
		keep: matching(/Device Owner|Profile Owner|^\s*admin=|^\s*package=|Device Admins|provisioningState|isOrganizationOwned/),
	},
	{
		name: "users and restrictions",
		script: "dumpsys user",
		keep: matching(/UserInfo\{|^\s*State:|[Rr]estrictions|^\s*no_\w+\s*$|^\s*none\s*$/),
	},
	{ name: "account types", script: "dumpsys account", keep: accountTypes },
	{
		name: "lock task",
		script: "dumpsys activity activities | grep -i locktask",
		keep: matching(/LockTask/i),
	},
	{ name: "app-ops", script: `cmd appops get ${AGENT_PACKAGE}`, keep: matching(/^\s*(?:Uid mode: )?[\w()]+: \w+/) },
	...["10007", "10008", "10020", "10021", "SCHEDULE_EXACT_ALARM", "POST_NOTIFICATION"].map((op) => ({
		name: `app-op ${op}`,
		script: `cmd appops get ${AGENT_PACKAGE} ${op}`,
		keep: whole,
	})),
	{
		name: "power list",
		script: `cmd deviceidle whitelist | grep ${AGENT_PACKAGE}`,
		keep: matching(new RegExp(AGENT_PACKAGE.replaceAll(".", "\\."))),
	},
	{ name: "standby bucket", script: `am get-standby-bucket ${AGENT_PACKAGE}`, keep: matching(/^\s*\d+\s*$/) },
	{ name: "alarms", script: `dumpsys alarm | grep -A6 ${AGENT_PACKAGE}`, keep: (output) => aboutAgent(output) },
	{
		name: "jobs",
		script: `dumpsys jobscheduler ${AGENT_PACKAGE} | grep -A6 ${AGENT_PACKAGE}`,
		keep: (output) => aboutAgent(output),
	},
	{
		name: "log",
		script: `logcat -d -v threadtime | grep -E " [VDIWEF] ${AGENT_LOG_TAG}"`,
		keep: (output) => lines(output).slice(-MAX_LINES),
	},
	{
		name: "crashes",
		script: `logcat -d -b crash | grep -A12 "Process: ${AGENT_PACKAGE}"`,
		keep: matching(/Process: dev\.holdfast|Exception|Error|\bat dev\.holdfast\.|Caused by/),
	},
	{
		name: "verifier settings",
		script: "settings get global package_verifier_user_consent; settings get global verifier_verify_adb_installs",
		keep: whole,
	},
	{
		name: "essential apps",
		script:
			"settings get secure dialer_default_application; settings get secure sms_default_application; settings get secure default_input_method",
		keep: packageNames,
	},
	{
		name: "what people set",
		script: "settings get system font_scale; settings get secure touch_exploration_enabled; settings get global auto_time",
		keep: whole,
	},
	{
		name: "find device setting",
		script: "settings list secure | grep -i find",
		keep: (output) => lines(output).map((line) => line.replace(/^([\w.]+)=([01]?).*$/, "$1=$2")),
	},
	{ name: "uptime", script: "cat /proc/uptime", keep: matching(/^\d+\.\d+ /) },
];

/** What stands around the agent's own entries in a dump of everybody's: up to the next entry of somebody else. */
function aboutAgent(output: string): readonly string[] {
	const kept: string[] = [];
	let ours = false;
	for (const line of lines(output)) {
		const named = line.match(/\b(?:[a-z]\w*\.){2,}\w+/g) ?? [];
		if (line.includes(AGENT_PACKAGE)) ours = true;
		else if (line.startsWith("--") || named.some((name) => !name.startsWith("android."))) ours = false;
		if (ours && !line.startsWith("--")) kept.push(line);
	}
	return kept;
}

/** The lines of a reading as they stand in a report: plain, bounded. */
export function keptLines({ keep }: Reading, output: string): readonly string[] {
	return keep(output.replaceAll("\r", ""))
		.slice(0, MAX_LINES)
		.map((line) => plainLine(line, MAX_LINE));
}
