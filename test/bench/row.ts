/** What whoever runs the bench asked for. */
export interface BenchOptions {
	/** Folder for pictures. */
	readonly pictures?: string | undefined;
	/** How many handsets at once; all sizes if it is left out. */
	readonly handsets?: readonly number[] | undefined;
	/** How many enrolments a soak is. */
	readonly enrolments?: number | undefined;
	/** How many contracts the registry holds. */
	readonly contracts?: number | undefined;
}

/** One figure beside its baseline, both measured in this run on this machine. */
export interface Row {
	readonly name: string;
	readonly value: number;
	readonly unit: string;
	/** Null where the goal is absolute. */
	readonly baseline: number | null;
	/** value / baseline, or how far the value is from an absolute goal. */
	readonly ratio: number;
	/** As text, such as `<= 0.6`. */
	readonly goal: string;
	readonly met: boolean;
}

/** A figure that must not be more than a part of its baseline: less is better. */
export function atMost(name: string, value: number, baseline: number, unit: string, limit: number): Row {
	const ratio = value / baseline;
	return {
		name,
		value: round(value),
		unit,
		baseline: round(baseline),
		ratio: round(ratio),
		goal: `<= ${limit} of baseline`,
		met: ratio <= limit,
	};
}

/** A figure that must be at least a part of its baseline: more is better. */
export function atLeast(name: string, value: number, baseline: number, unit: string, limit: number): Row {
	const ratio = value / baseline;
	return {
		name,
		value: round(value),
		unit,
		baseline: round(baseline),
		ratio: round(ratio),
		goal: `>= ${limit} of baseline`,
		met: ratio >= limit,
	};
}

/** A figure with an absolute limit. */
export function within(name: string, value: number, unit: string, limit: number): Row {
	return {
		name,
		value: round(value),
		unit,
		baseline: null,
		ratio: round(limit === 0 ? value : value / limit),
		goal: `<= ${limit} ${unit}`,
		met: value <= limit,
	};
}

/** Middle value: a machine that is shared has odd slow runs. */
export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function round(value: number): number {
	return Number(value.toPrecision(4));
}
