import { Session } from "node:inspector";

/** Which blocks of our own code have run, as V8 counts them. */
export interface Coverage {
	/** Counts from here on. */
	reset(): void;
	/** Blocks that ran since the last reset and never before a {@link keep}; the number of their characters. */
	news(): number;
	/** The same, and remembers them. */
	keep(): number;
	/** Characters of our code that ran at some time, and that could. */
	readonly covered: { readonly ran: number; readonly all: number };
	close(): void;
}

interface Range {
	readonly startOffset: number;
	readonly endOffset: number;
	readonly count: number;
}

/** The bundle: our own code without the packages. Some of it is the fuzzer itself, which runs the same for every input. */
const OURS = /\/test\/fuzz\/build\//;

/**
 * Block coverage through the inspector: built into Node, so nothing has to be installed, and the code that runs is the code that ships.
 * It is asked for after hundreds of inputs at a time, for it takes milliseconds.
 */
export function openCoverage(): Coverage {
	const session = new Session();
	session.connect();
	session.post("Profiler.enable");
	session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
	/** By script: 1 for each character that ran at some time. */
	const seen = new Map<string, Uint8Array>();
	const sizes = { ran: 0, all: 0 };

	function take(isKept: boolean): number {
		let found = 0;
		session.post("Profiler.takePreciseCoverage", (error, { result }) => {
			if (error) throw error;
			for (const { url, functions } of result) {
				if (!OURS.test(url)) continue;
				let map = seen.get(url);
				if (!map) {
					map = new Uint8Array(functions[0]?.ranges[0]?.endOffset ?? 0);
					seen.set(url, map);
					sizes.all += map.length;
				}
				found += mark(map, ran(functions, map.length), isKept);
			}
		});
		if (isKept) sizes.ran += found;
		return found;
	}

	return {
		reset: () => session.post("Profiler.takePreciseCoverage"),
		news: () => take(false),
		keep: () => take(true),
		get covered() {
			return { ...sizes };
		},
		close: () => session.disconnect(),
	};
}

/** Functions come from the outermost in, and so do the ranges of each: a later one says more exactly what an earlier one says. */
function ran(functions: readonly { readonly ranges: readonly Range[] }[], length: number): Uint8Array {
	const map = new Uint8Array(length);
	for (const { ranges } of functions)
		for (const { startOffset, endOffset, count } of ranges) map.fill(count > 0 ? 1 : 0, startOffset, endOffset);
	return map;
}

function mark(seen: Uint8Array, now: Uint8Array, isKept: boolean): number {
	let found = 0;
	for (let at = 0; at < now.length; at += 1) {
		if (now[at] === 0 || seen[at] === 1) continue;
		found += 1;
		if (isKept) seen[at] = 1;
	}
	return found;
}
