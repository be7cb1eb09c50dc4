/** What a part of the proof found. */
export interface Report {
	/** Everything that was asked for held. A part that was skipped, and said so, is not a failure. */
	readonly ok: boolean;
	/** Figures by name: for one line of JSON. */
	readonly figures: Readonly<Record<string, number | string | boolean>>;
	/** What a person reads, in order. A violation is told here in words, shortest story first. */
	readonly lines: readonly string[];
}
