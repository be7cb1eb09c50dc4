import type { HandsetFacts } from "./facts.ts";
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

const POWER_LIST = "power list";

const PACKAGE = /^[A-Za-z][\w.]*$/;

/** As much of the facts as grants depend on: which system it is decides which app-ops there are. */
export type GrantFacts = { readonly build: Pick<HandsetFacts["build"], "system"> };

/**
 * Lets the agent start by itself and run while nobody looks: app-ops, power list, standby bucket. All in one round trip, each read
 * back in it.
 *
 * @throws {FaultError} the link's; XIAOMI_SECURITY_TOGGLE_OFF, MIUI_REFUSED with what does not hold, HANDSET_BOOTING.
 */
export async function applyGrants(port: HandsetPort, packageName: string, facts: GrantFacts): Promise<void> {
	const name = checked(packageName);
	const ops = opsOf(facts);
	const sections = await runSections(
		port,
		`for o in ${ops.join(" ")}; do s "set_$o" cmd appops set ${name} $o allow; done
${setPower(name)}
s set_bucket am set-standby-bucket ${name} active
${readBack(name, ops)}`,
	);
	const missing = missingGrants(sections, name, ops);
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
export async function grantsHold(port: HandsetPort, packageName: string, facts: GrantFacts): Promise<boolean> {
	const name = checked(packageName);
	const ops = opsOf(facts);
	const sections = await runSections(port, `s get_power cmd deviceidle whitelist\n${readBack(name, ops)}`);
	return missingGrants(sections, name, ops).length === 0;
}

/** Only Xiaomi's systems know the numbered ones. */
function opsOf({ build }: GrantFacts): readonly string[] {
	return build.system === undefined ? ANDROID_OPS : [...ANDROID_OPS, ...XIAOMI_OPS];
}

/**
 * `=` in the same command tells whether the package is on the list now (DeviceIdleController.onShellCommand of AOSP, Android 8 to 16):
 * `true` in the last line. A phone that says anything else is asked for the whole list.
 */
function setPower(name: string): string {
	return `w=$(cmd deviceidle whitelist +${name} =${name} 2>&1)
r=$?
power() { echo "$w"; return $r; }
s set_power power
case $w in *true) ;; *) s get_power cmd deviceidle whitelist ;; esac`;
}

function readBack(name: string, ops: readonly string[]): string {
	// One command tells every op that was ever set; only what it leaves out is asked for by name.
	return `all=$(cmd appops get ${name} 2>&1)
all() { echo "$all"; }
s get_all all
for o in ${ops.join(" ")}; do case $all in *"$o"*) ;; *) s "get_$o" cmd appops get ${name} $o ;; esac; done
s get_bucket am get-standby-bucket ${name}
exit 0
`;
}

function missingGrants(sections: Sections, packageName: string, ops: readonly string[]): string[] {
	const list = section(sections, "get_all").stdout;
	const missing = ops.filter((op) => !isAllowed(op, list, section(sections, `get_${op}`))).map((op) => `app-op ${op}`);
	if (!onPowerList(sections, packageName)) missing.push(POWER_LIST);
	const bucket = /^[ \t]*(\d+)[ \t]*$/m.exec(section(sections, "get_bucket").stdout)?.[1];
	if (bucket === undefined || Number(bucket) > ACTIVE_BUCKET) missing.push("standby bucket");
	return missing;
}

/** `true`, after it was set; `user,dev.holdfast.agent,10217` in the list. */
function onPowerList(sections: Sections, packageName: string): boolean {
	if (/^true\s*$/m.test(section(sections, "set_power").stdout)) return true;
	const lines = section(sections, "get_power").stdout.split("\n");
	return lines.some((line) => line.trim().split(",")[1] === packageName);
}

/** `MIUIOP(10008): allow`, `RUN_IN_BACKGROUND: allow; time=+3s`; an op that was never set prints its default. */
function isAllowed(op: string, list: string, alone: ShellResult): boolean {
	const listed = new RegExp(`^[ \\t]*(?:MIUIOP\\(${op}\\)|${op}): (\\w+)`, "m").exec(list)?.[1];
	return listed === undefined ? /^[ \t]*(?:Default mode|[\w()]+): allow\b/m.test(alone.stdout) : listed === "allow";
}

function printed({ stdout, stderr }: ShellResult): string {
	return `${stdout}${stderr}`.trim();
}

function checked(packageName: string): string {
	// It stands in a script, unquoted.
	if (!PACKAGE.test(packageName)) throw new Error(`not a package name: ${packageName}`);
	return packageName;
}
