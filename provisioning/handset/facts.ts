import { AGENT_PACKAGE, type AgentPackage, agentPackageScript, readAgentSections } from "./agent-package.ts";
import { type BuildFacts, property, readBuild, readProps } from "./build-facts.ts";
import { type Fault, faultError } from "./fault.ts";
import { type ImeiReading, readImeis } from "./imei.ts";
import { type Owner, readOwnerAnswer } from "./owner-reading.ts";
import type { HandsetPort, ShellResult } from "./port.ts";
import { runSections, type Sections, section } from "./sections.ts";
import { type HandsetUser, readAccounts, readUsers, type UserAccounts } from "./users.ts";

/** A fact that the phone would not tell, and why. Never to be taken for "none". */
export interface Unread {
	readonly unread: Fault;
	readonly component?: undefined;
	readonly packageName?: undefined;
}

/** A switch, as it reads. */
export type Toggle = "on" | "off" | "unknown";

/**
 * Everything about a handset that a procedure decides on, from one round trip. What the phone did not tell is `undefined`
 * or `unknown`, never guessed. All text is plain, on one line and bounded. No account names.
 */
export interface HandsetFacts {
	/** Serial number of the handset itself; adb may know it under another name. */
	readonly serial: string;
	/** Such as `23078PND5G`. */
	readonly model: string;
	readonly marketName: string | undefined;
	readonly imei: ImeiReading;
	readonly build: BuildFacts;
	readonly toggles: {
		readonly usbDebugging: Toggle;
		/** "Install via USB" (Xiaomi). */
		readonly installViaUsb: Toggle;
		/** "USB debugging (Security settings)" (Xiaomi). As it reads: only a probe tells whether it is in force. */
		readonly securitySettings: Toggle;
		readonly miuiOptimization: Toggle;
		readonly findDevice: Toggle;
	};
	readonly booted: boolean;
	/** The set-up wizard is done. */
	readonly setUp: boolean | undefined;
	readonly users: readonly HandsetUser[] | undefined;
	readonly accounts: readonly UserAccounts[] | undefined;
	/** Whether the build can have a device owner at all. */
	readonly deviceAdminFeature: boolean | undefined;
	/** Device owner; `undefined` if there is none. */
	readonly owner: Owner | Unread | undefined;
	/** Profile owner of user 0. */
	readonly profileOwner: Owner | undefined;
	/** Our agent, as installed; `undefined` if it is not. */
	readonly agent: AgentPackage | Unread | undefined;
	readonly battery: { readonly percent: number | undefined };
	/** Of /data, in bytes. */
	readonly storage: { readonly freeBytes: number | undefined };
	readonly boot: {
		/** Changes at each boot. */
		readonly id: string | undefined;
		/** Grows by one at each boot. */
		readonly count: number | undefined;
		readonly uptimeSeconds: number | undefined;
	};
}

/** Reads everything: about twenty commands, on a phone about a second. */
const DEADLINE_MS = 30_000;

/** Two scripts side by side: most of these commands start a process of their own on the phone, which has more than one core. */
const SYSTEM_SCRIPT = `line() { read -r l <$1 && echo "$l"; }
s boot_id line /proc/sys/kernel/random/boot_id
s uptime line /proc/uptime
s props getprop
s boot_count settings get global boot_count
s adb_enabled settings get global adb_enabled
s setup settings get secure user_setup_complete
s find_device settings get secure find_device_enabled
s users pm list users
s features pm list features
s battery dumpsys battery
s df df -k /data
exit 0
`;
const OWNERSHIP_SCRIPT = `sdk=$(getprop ro.build.version.sdk)
s accounts dumpsys account
if [ "$sdk" -le 30 ]; then s owner dumpsys device_policy; c=4; else s owner dpm list-owners; c=4; fi
[ "$sdk" -le 29 ] && c=3
s imei0 service call iphonesubinfo $c i32 0 s16 com.android.shell
s imei1 service call iphonesubinfo $c i32 1 s16 com.android.shell
[ "$sdk" -ge 36 ] && s tradein tradeinmode getstatus
${agentPackageScript(AGENT_PACKAGE)}
exit 0
`;

/**
 * Reads all facts in the time of one round trip.
 *
 * @throws {FaultError} the link's; ADB_FOYER; UNCLASSIFIED if the phone does not tell its serial number.
 */
export async function readFacts(port: HandsetPort): Promise<HandsetFacts> {
	const [system, ownership] = await Promise.all([
		runSections(port, SYSTEM_SCRIPT, DEADLINE_MS),
		runSections(port, OWNERSHIP_SCRIPT, DEADLINE_MS),
	]);
	return factsFrom(new Map([...system, ...ownership]));
}

/** The facts in the sections of {@link readFacts}' script. */
export function factsFrom(sections: Sections): HandsetFacts {
	const text = (name: string) => section(sections, name).stdout;
	const props = readProps(text("props"));
	const get = (name: string) => property(props, name);
	const serial = get("ro.serialno") ?? get("ro.boot.serialno");
	if (serial === undefined) {
		const foyer = /: inaccessible or not found/.test(text("props"));
		throw faultError(foyer ? "ADB_FOYER" : "UNCLASSIFIED", {
			raw: text("props"),
			details: { problem: "no serial number" },
		});
	}
	const build = readBuild(props);
	const owners = readOwnerAnswer(section(sections, "owner"));
	const tradeIn = sections.get("tradein")?.stdout;
	return {
		serial,
		model: get("ro.product.model") ?? "unknown",
		marketName: get("ro.product.marketname"),
		imei: readImeis({
			props,
			subscriberInfo: [text("imei0"), text("imei1")],
			...(tradeIn === undefined ? {} : { tradeIn }),
		}),
		build,
		toggles: {
			usbDebugging: toggle(text("adb_enabled")),
			installViaUsb: xiaomiToggle(build, get("persist.security.adbinstall")),
			securitySettings: xiaomiToggle(build, get("persist.security.adbinput")),
			miuiOptimization: toggle(get("persist.sys.miui_optimization")),
			findDevice: toggle(text("find_device")),
		},
		booted: get("sys.boot_completed") === "1",
		setUp: { on: true, off: false, unknown: undefined }[toggle(text("setup"))],
		users: readUsers(text("users")),
		accounts: readAccounts(text("accounts")),
		deviceAdminFeature: featureOf(section(sections, "features")),
		owner: owners.fault ? { unread: owners.fault } : owners.deviceOwner,
		profileOwner: owners.profileOwner,
		agent: agentOf(sections),
		battery: {
			percent: number(/^[ \t]*level: (\d{1,3})[ \t]*$/m.exec(text("battery"))?.[1], 100),
		},
		storage: { freeBytes: freeBytes(text("df")) },
		boot: {
			id: /^[0-9a-f-]{36}$/m.exec(text("boot_id"))?.[0],
			count: number(/^\d{1,9}$/m.exec(text("boot_count"))?.[0]),
			uptimeSeconds: number(/^(\d{1,10})(?:\.\d+)? /.exec(text("uptime"))?.[1]),
		},
	};
}

function agentOf(sections: Sections): HandsetFacts["agent"] {
	const reading = readAgentSections(sections);
	return "fault" in reading ? { unread: reading.fault } : reading.agent;
}

function toggle(text: string | undefined): Toggle {
	const value = text?.trim();
	if (value === "1" || value === "true") return "on";
	return value === "0" || value === "false" ? "off" : "unknown";
}

/** Xiaomi's switches are properties that are empty or 0 while off. Other makers have no such switch. */
function xiaomiToggle({ system }: BuildFacts, value: string | undefined): Toggle {
	if (value !== undefined) return toggle(value);
	return system === undefined ? "unknown" : "off";
}

function featureOf({ stdout, exitCode }: ShellResult): boolean | undefined {
	if (exitCode !== 0 || !/^feature:/m.test(stdout)) return undefined;
	return /^feature:android\.software\.device_admin\s*$/m.test(stdout);
}

/** toybox prints `Filesystem 1K-blocks Used Available Use% Mounted on`, then one row. */
function freeBytes(df: string): number | undefined {
	const available = /^\S+\s+\d+\s+\d+\s+(\d{1,12})\s+\d+%/m.exec(df)?.[1];
	return available === undefined ? undefined : Number(available) * 1024;
}

function number(digits: string | undefined, max = Number.MAX_SAFE_INTEGER): number | undefined {
	return digits === undefined || Number(digits) > max ? undefined : Number(digits);
}
