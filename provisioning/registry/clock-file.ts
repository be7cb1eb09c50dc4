import { readFileSync, statSync } from "node:fs";

/** Where the registry reads time. Milliseconds since 1970-01-01T00:00:00Z. */
export interface RegistryClock {
	nowMs(): number;
}

/** The machine's own clock. */
export const systemClock: RegistryClock = { nowMs: () => Date.now() };

/**
 * A clock that a file sets, so that a laboratory can let weeks pass in seconds:
 * `{"anchorRealMs":n,"anchorVirtualMs":n,"rate":1}` means `anchorVirtualMs + (Date.now() - anchorRealMs) * rate`.
 * The file is read again only when it was replaced or rewritten; a file caught half written keeps the last good one.
 *
 * @throws {Error} at once, if there is no such file or it does not hold those three numbers.
 */
export function fileClock(path: string): RegistryClock {
	let stamp = stampOf(path);
	let anchor = readAnchor(path);
	return {
		nowMs() {
			const latest = stampOf(path);
			if (latest !== stamp) {
				try {
					anchor = readAnchor(path);
					stamp = latest;
				} catch {
					// Being rewritten: read it next time.
				}
			}
			return Math.trunc(anchor.anchorVirtualMs + (Date.now() - anchor.anchorRealMs) * anchor.rate);
		},
	};
}

interface Anchor {
	readonly anchorRealMs: number;
	readonly anchorVirtualMs: number;
	readonly rate: number;
}

function stampOf(path: string): string {
	const { mtimeMs, ino, size } = statSync(path);
	return `${mtimeMs}/${ino}/${size}`;
}

function readAnchor(path: string): Anchor {
	const value: unknown = JSON.parse(readFileSync(path, "utf8"));
	const number = (name: keyof Anchor): number => {
		const field: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
		if (typeof field !== "number" || !Number.isFinite(field)) throw new Error(`clock file ${path}: ${name} is not a number`);
		return field;
	};
	return { anchorRealMs: number("anchorRealMs"), anchorVirtualMs: number("anchorVirtualMs"), rate: number("rate") };
}
