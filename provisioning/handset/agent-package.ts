import { AGENT_ADMIN, AGENT_PACKAGE } from "../../proto/android-agent.ts";
import { type Fault, FaultError, fault } from "./fault.ts";
import { plainLine } from "./plain-text.ts";
import type { HandsetPort } from "./port.ts";
import { runSections, type Sections, section } from "./sections.ts";
import { classifySetting } from "./setting-faults.ts";

export { AGENT_ADMIN, AGENT_PACKAGE };

/** The agent as the phone's package manager has it. */
export interface AgentPackage {
	readonly packageName: string;
	readonly versionCode: number | undefined;
	readonly versionName: string | undefined;
	/** Where its APK lies on the phone. */
	readonly path: string;
	/**
	 * SHA-256 of that APK, lower-case hex. The package manager itself prints only a 32-bit hash of the certificate, which
	 * proves nothing; the same bytes as ours prove version and signer at once.
	 */
	readonly apkSha256: string | undefined;
	readonly debuggable: boolean;
	readonly testOnly: boolean;
	/** Not disabled for user 0. */
	readonly enabled: boolean;
}

/** Sections that tell of a package: for a script of {@link runSections}. */
export function agentPackageScript(packageName: string): string {
	return `p=$(pm path ${packageName} 2>&1)
r=$?
path() { echo "$p"; return $r; }
s pm_path path
case $p in package:*)
s pm_dump dumpsys package ${packageName}
p=$(echo "$p" | head -n 1)
s pm_sum sha256sum "\${p#package:}"
esac`;
}

/**
 * Reads the agent's package; `undefined` if it is not installed.
 *
 * @throws {FaultError} the link's; HANDSET_BOOTING, ADB_FOYER, UNCLASSIFIED if the package manager does not answer.
 */
export async function readAgentPackage(
	port: HandsetPort,
	packageName: string = AGENT_PACKAGE,
): Promise<AgentPackage | undefined> {
	const reading = readAgentSections(await runSections(port, `${agentPackageScript(packageName)}\nexit 0\n`), packageName);
	if ("fault" in reading) throw new FaultError(reading.fault);
	return reading.agent;
}

/**
 * Whether a package is installed and enabled for user 0 with exactly these bytes: one command of the package manager instead of two.
 * Says yes only if the phone told all of it; no may also mean that it told it in another form, and {@link readAgentPackage} knows more.
 *
 * @param apkSha256 lower-case hex.
 * @throws {FaultError} as {@link runSections}.
 */
export async function holdsExactly(port: HandsetPort, packageName: string, apkSha256: string): Promise<boolean> {
	// `-e`: enabled ones only. The filter also finds longer names.
	const sections = await runSections(
		port,
		`p=$(pm list packages -e -f --user 0 ${packageName} 2>&1)
r=$?
listed() { echo "$p"; return $r; }
s listed listed
case $p in package:/*=${packageName})
p=\${p#package:}
p=\${p%=${packageName}}
s pm_sum sha256sum "$p"
esac
exit 0
`,
	);
	const { stdout, exitCode } = section(sections, "listed");
	const [line = "", ...others] = stdout.trim().split("\n");
	const path = line.startsWith("package:/") && line.endsWith(`=${packageName}`) && others.length === 0 && exitCode === 0;
	return path && digestIn(sections) === apkSha256;
}

function digestIn(sections: Sections): string | undefined {
	return /^([0-9a-f]{64})\s/m.exec(section(sections, "pm_sum").stdout)?.[1];
}

/** The agent in the sections of {@link agentPackageScript}. */
export function readAgentSections(
	sections: Sections,
	packageName: string = AGENT_PACKAGE,
): { readonly agent: AgentPackage | undefined } | { readonly fault: Fault } {
	const listed = section(sections, "pm_path");
	const path = /^package:(\/\S{1,512})\s*$/m.exec(listed.stdout)?.[1];
	if (path === undefined) {
		// `pm path` of a package that is not there prints nothing and ends with 1.
		if (listed.stdout.trim() === "" && listed.exitCode <= 1) return { agent: undefined };
		return {
			fault: fault(classifySetting(listed) ?? "UNCLASSIFIED", {
				raw: listed.stdout,
				details: { asked: "is the agent installed" },
			}),
		};
	}
	const dump = packageBlock(section(sections, "pm_dump").stdout, packageName);
	const flags = /^[ \t]*(?:pkgFlags|flags)=\[([^\]\n]*)\]/m.exec(dump)?.[1]?.split(/\s+/) ?? [];
	const versionCode = /^[ \t]*versionCode=(\d{1,15})\b/m.exec(dump)?.[1];
	const versionName = /^[ \t]*versionName=(.*)$/m.exec(dump)?.[1];
	return {
		agent: {
			packageName,
			versionCode: versionCode === undefined ? undefined : Number(versionCode),
			versionName: versionName === undefined ? undefined : plainLine(versionName, 64),
			path,
			apkSha256: digestIn(sections),
			debuggable: flags.includes("DEBUGGABLE"),
			testOnly: flags.includes("TEST_ONLY"),
			// COMPONENT_ENABLED_STATE_DISABLED, _DISABLED_USER, _DISABLED_UNTIL_USED
			enabled: !/^[ \t]*User 0:.*\benabled=[234]\b/m.test(dump),
		},
	};
}

/** From `Package [name]` to the next one: a dump may also hold the hidden system version of an updated package. */
function packageBlock(dump: string, packageName: string): string {
	const start = dump.indexOf(`Package [${packageName}]`);
	if (start < 0) return "";
	const end = dump.indexOf("\n  Package [", start + 1);
	return dump.slice(start, end < 0 ? undefined : end);
}
