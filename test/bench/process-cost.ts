import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** Milliseconds of one tick of /proc: USER_HZ is 100 on every Linux that Node runs on. */
const TICK_MS = 10;

/** Begins a new peak of this process's memory (proc(5), clear_refs). Where that is not possible the old peak stays. */
export function forgetPeakMemory(): void {
	try {
		writeFileSync("/proc/self/clear_refs", "5");
	} catch {
		// not Linux, or forbidden: the peak then is the highest of all batches so far
	}
}

/** Memory of this process. */
export function memoryOf(): { readonly peakRssKiB: number; readonly rssKiB: number } {
	try {
		const status = readFileSync("/proc/self/status", "latin1");
		const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]);
		return { peakRssKiB: field("VmHWM"), rssKiB: field("VmRSS") };
	} catch {
		return { peakRssKiB: process.resourceUsage().maxRSS, rssKiB: process.memoryUsage.rss() / 1024 };
	}
}

/** Who spends processor time in a run of the bench. */
export type Spender = "station" | "scripts" | "adb server" | "registry" | "phones" | "lab";

/** Processor milliseconds by who spent them. */
export type Spending = Readonly<Record<Spender, number>>;

/**
 * Processor time that everything the bench started has spent until now, from /proc; all zero where there is none. `phones` are the
 * adbd processes with their shells and commands, `lab` is this process, which answers those commands; `scripts` are programs that
 * this process started and that have ended: the baseline's shells and adb clients.
 *
 * @param stationPid counted by itself.
 * @param adbPort its server is no child of ours.
 */
export function spendingNow({ stationPid, adbPort }: { stationPid?: number | undefined; adbPort: number }): Spending {
	const spending: Record<Spender, number> = { station: 0, scripts: 0, "adb server": 0, registry: 0, phones: 0, lab: 0 };
	const processes = allProcesses();
	const byId = new Map(processes.map((each) => [each.pid, each]));
	for (const { pid, ownMs, reapedMs, command } of processes) {
		if (pid === process.pid) {
			spending.lab += ownMs;
			spending.scripts += reapedMs;
		} else if (command.startsWith("adb\0") && command.includes(`:${adbPort}\0`)) spending["adb server"] += ownMs + reapedMs;
		else {
			const root = childOfOurs(pid, byId);
			if (!root) continue;
			if (root.pid === stationPid) spending.station += ownMs + reapedMs;
			else if (root.command.includes("\0serve\0")) spending.registry += ownMs + reapedMs;
			else if (/^(?:setpriv|unshare)\0/.test(root.command)) spending.phones += ownMs + reapedMs;
			else spending.scripts += ownMs + reapedMs;
		}
	}
	return spending;
}

/** Processor milliseconds that a process, its ended children and all that descend from it have spent until now. Zero where there is no /proc. */
export function spentByTree(rootPid: number): number {
	const processes = allProcesses();
	const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
	const isBelow = (pid: number) => {
		let at: number | undefined = pid;
		while (at !== undefined && at !== rootPid) at = parents.get(at);
		return at === rootPid;
	};
	return processes.filter(({ pid }) => isBelow(pid)).reduce((sum, { ownMs, reapedMs }) => sum + ownMs + reapedMs, 0);
}

/** What was spent between two moments. */
export function spentBetween(before: Spending, after: Spending): Spending {
	const entries = Object.entries(after).map(([name, ms]) => [name, ms - before[name as Spender]]); // keys of a Spending
	return Object.fromEntries(entries);
}

interface Process {
	readonly pid: number;
	readonly parent: number;
	readonly command: string;
	readonly ownMs: number;
	readonly reapedMs: number;
}

function allProcesses(): Process[] {
	let names: string[];
	try {
		names = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
	} catch {
		return [];
	}
	return names.flatMap((name) => {
		try {
			const stat = readFileSync(`/proc/${name}/stat`, "latin1");
			// proc(5): field 2 may hold blanks and brackets, so count from the last bracket; field 3 is the first after it.
			const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
			const ticks = (field: number) => Number(fields[field - 3]);
			return [
				{
					pid: Number(name),
					parent: ticks(4),
					command: readFileSync(`/proc/${name}/cmdline`, "latin1"),
					ownMs: (ticks(14) + ticks(15)) * TICK_MS,
					reapedMs: (ticks(16) + ticks(17)) * TICK_MS,
				},
			];
		} catch {
			return []; // ended meanwhile
		}
	});
}

/** The child of this process from which a process descends. */
function childOfOurs(pid: number, byId: ReadonlyMap<number, Process>): Process | undefined {
	let found = byId.get(pid);
	while (found && found.parent !== process.pid) found = byId.get(found.parent);
	return found;
}
