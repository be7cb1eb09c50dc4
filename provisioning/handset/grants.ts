import { faultError } from "./fault.ts";
import type { HandsetPort, ShellResult } from "./port.ts";
import { runSections, type Sections, section } from "./sections.ts";
import { classifySetting } from "./setting-faults.ts";

/**
 * App-ops of Xiaomi's own that keep an app from starting by itself; installing from a cable resets them to denied.
 * BOOT_COMPLETED, AUTO_START, SHOW_WHEN_LOCKED, BACKGROUND_START_ACTIVITY.
 */
const XIAOMI_OPS = ["10007", "10008", "10020", "10021"] as const;
/** App-ops of Android itself that let the agent work without being on screen. */
const ANDROID_OPS = ["RUN_IN_BACKGROUND", "RUN_ANY_IN_BACKGROUND"] as const;
/** UsageStatsManager.STANDBY_BUCKET_ACTIVE; 5 is better still, for what is on the power list. */
const ACTIVE_BUCKET = 10;

const PACKAGE = /^[A-Za-z][\w.]*$/;

/**
 * Lets the agent start by itself and run while nobody looks: app-ops, power list, standby bucket. All in one round trip, each read
 * back in it.
 *
 * @throws {FaultError} the link's; XIAOMI_SECURITY_TOGGLE_OFF, MIUI_REFUSED with what does not hold, HANDSET_BOOTING.
 */
export async function applyGrants(port: HandsetPort, packageName: string): Promise<void> {
	const name = checked(packageName);
	const sections = await runSections(
		port,
		`${OPS}for o in $ops; do s "set_$o" cmd appops set ${name} $o allow; done
s set_power cmd deviceidle whitelist +${name}
s set_bucket am set-standby-bucket ${name} active
${readBack(name)}`,
	);
	const missing = missingGrants(sections, name);
	if (missing.length === 0) return;
	const refusals = [...sections].filter(([section]) => section.startsWith("set_")).map(([, result]) => result);
	const code = refusals.map(classifySetting).find((each) => each !== undefined) ?? "MIUI_REFUSED";
	throw faultError(code, {
		raw: refusals.map(printed).join("\n"),
		details: { "does not hold": missing.join(", ") },
	});
}

/**
 * Whether everything that {@link applyGrants} grants holds.
 *
 * @throws {FaultError} the link's.
 */
export async function grantsHold(port: HandsetPort, packageName: string): Promise<boolean> {
	const name = checked(packageName);
	return missingGrants(await runSections(port, OPS + readBack(name)), name).length === 0;
}

/** Only Xiaomi's systems know the numbered ones. */
const OPS = `ops="${ANDROID_OPS.join(" ")}"
[ -n "$(getprop ro.miui.ui.version.name)" ] && ops="$ops ${XIAOMI_OPS.join(" ")}"
ops() { echo $ops; }
s ops ops
`;

function readBack(name: string): string {
	// One command tells every op that was ever set; only what it leaves out is asked for by name.
	return `all=$(cmd appops get ${name} 2>&1)
all() { echo "$all"; }
s get_all all
for o in $ops; do case $all in *"$o"*) ;; *) s "get_$o" cmd appops get ${name} $o ;; esac; done
s get_power cmd deviceidle whitelist
s get_bucket am get-standby-bucket ${name}
exit 0
`;
}

function missingGrants(sections: Sections, packageName: string): string[] {
	const ops = section(sections, "ops").stdout.trim().split(/\s+/);
	const list = section(sections, "get_all").stdout;
	const missing = ops.filter((op) => !isAllowed(op, list, section(sections, `get_${op}`))).map((op) => `app-op ${op}`);
	const onPowerList = section(sections, "get_power")
		.stdout.split("\n")
		.some((line) => line.trim().split(",")[1] === packageName);
	if (!onPowerList) missing.push("power list");
	const bucket = /^\s*(\d+)\s*$/m.exec(section(sections, "get_bucket").stdout)?.[1];
	if (bucket === undefined || Number(bucket) > ACTIVE_BUCKET) missing.push("standby bucket");
	return missing;
}

/** `MIUIOP(10008): allow`, `RUN_IN_BACKGROUND: allow; time=+3s`; an op that was never set prints its default. */
function isAllowed(op: string, list: string, alone: ShellResult): boolean {
	const listed = new RegExp(`^\\s*(?:MIUIOP\\(${op}\\)|${op}): (\\w+)`, "m").exec(list)?.[1];
	return listed === undefined ? /^\s*(?:Default mode|[\w()]+): allow\b/m.test(alone.stdout) : listed === "allow";
}

function printed({ stdout, stderr }: ShellResult): string {
	return `${stdout}${stderr}`.trim();
}

function checked(packageName: string): string {
	// It stands in a script, unquoted.
	if (!PACKAGE.test(packageName)) throw new Error(`not a package name: ${packageName}`);
	return packageName;
}
