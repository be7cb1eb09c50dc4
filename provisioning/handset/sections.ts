import { faultError } from "./fault.ts";
import type { HandsetPort, ShellResult } from "./port.ts";

/** What one command of a script printed, both streams together, and how it ended. */
export type Sections = ReadonlyMap<string, ShellResult>;

/** Longest part of one section that is read, in UTF-16 code units: `dumpsys package` of one app takes about 20,000. */
const MAX_SECTION = 512 * 1024;

/**
 * Opens a script of sections. `s NAME COMMAND...` runs a command as a section of its own. The marks between sections carry a
 * number that the phone's kernel draws at that moment, so nothing stored on the phone (a device name, an account) can look
 * like one. What the shell can do by itself it does: each program that it starts takes as long as the rest.
 */
const OPENING = `read -r m 2>/dev/null </proc/sys/kernel/random/uuid
[ -n "$m" ] || m=$$-$(date +%s%N)-$RANDOM
echo "sections $m"
s() {
n=$1
shift
echo
echo "$m < $n"
"$@" 2>&1
r=$?
echo
echo "$m > $r"
}
`;

/**
 * Runs many commands in one round trip.
 *
 * @param body lines of the phone's `sh`, using `s NAME COMMAND...`. Ours, never from outside.
 * @throws {FaultError} as {@link HandsetPort.script}; ADB_FOYER if the phone has no shell to speak of.
 */
export async function runSections(port: HandsetPort, body: string, deadlineMs?: number): Promise<Sections> {
	const result = await port.script(OPENING + body, deadlineMs === undefined ? {} : { deadlineMs });
	const sections = readSections(result.stdout);
	if (sections.size > 0) return sections;
	const raw = `${result.stdout}\n${result.stderr}`;
	throw faultError(/inaccessible or not found|not found$/m.test(raw) ? "ADB_FOYER" : "UNCLASSIFIED", { raw });
}

/** Takes the output apart. A section whose end is missing is left out: nobody knows how it would have gone on. */
export function readSections(text: string): Sections {
	const sections = new Map<string, ShellResult>();
	const mark = /^sections ([\w-]{8,80})$/m.exec(text)?.[1];
	if (mark === undefined) return sections;
	let name: string | undefined;
	let lines: string[] = [];
	for (const line of text.split("\n")) {
		if (line.startsWith(`${mark} < `)) {
			name = line.slice(mark.length + 3);
			lines = [];
		} else if (name !== undefined && line.startsWith(`${mark} > `)) {
			const stdout = lines.join("\n").slice(0, MAX_SECTION).replace(/\n$/, "");
			sections.set(name, { stdout, stderr: "", exitCode: Number(line.slice(mark.length + 3)) || 0 });
			name = undefined;
		} else if (name !== undefined) {
			lines.push(line.replace(/\r$/, ""));
		}
	}
	return sections;
}

/** A section, or what a command that could not be run amounts to. */
export function section(sections: Sections, name: string): ShellResult {
	return sections.get(name) ?? { stdout: "", stderr: "", exitCode: 127 };
}
