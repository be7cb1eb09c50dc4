/** A decoder of something that comes from outside, and what must hold of it whatever comes. */
export interface FuzzTarget {
	/** Such as `wire/envelope`. */
	readonly name: string;
	/** How samples are changed: as a protobuf message, as any bytes, or as text with words of its own. */
	readonly form: "message" | "bytes" | "text";
	/** Well-formed inputs to begin with. */
	samples(): readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
	/** Words that the format knows. */
	readonly words?: readonly string[];
	/** Longest input, in bytes. Default: {@link USUAL_LENGTH}. */
	readonly longest?: number;
	/** What an input costs beside a cheap one: so many times fewer are run. Default 1. */
	readonly cost?: number;
	/**
	 * Decodes. Its declared refusal is `refused`. Throws for everything else, and for a result that does not hold to its promises: whatever
	 * is thrown is a finding.
	 */
	run(input: Uint8Array): Outcome | Promise<Outcome>;
}

export type Outcome = "taken" | "refused";

export const USUAL_LENGTH = 64 * 1024;

/** A promise that a decoder did not keep. */
export class BrokenPromise extends Error {
	override readonly name = "BrokenPromise";
}

/** Throws unless it holds. */
export function require(holds: boolean, promise: string): void {
	if (!holds) throw new BrokenPromise(promise);
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A target for text. */
export function textTarget(
	name: string,
	samples: readonly string[],
	run: (text: string) => Outcome,
	more: Pick<FuzzTarget, "words" | "longest" | "cost"> = {},
): FuzzTarget {
	return {
		name,
		form: "text",
		samples: () => samples.map((sample) => encoder.encode(sample)),
		run: (input) => run(decoder.decode(input)),
		...more,
	};
}
