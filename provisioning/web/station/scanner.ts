/** Longest time between two characters of a scanner, milliseconds. People who type fast need about 80. */
const MAX_GAP_MS = 50;
/** Shortest code. */
const MIN_LENGTH = 6;

/** A key that went down. */
export interface Keystroke {
	/** As the browser names it: the character, or `Enter`, `Shift` ... */
	readonly key: string;
	/** When, by the browser's event clock, milliseconds. */
	readonly atMs: number;
	/** The key is held down, or Ctrl, Alt or Meta is. */
	readonly isOdd: boolean;
}

/** What a keystroke means. `first`: it may begin a scan. `quick`: so fast that a scanner types. */
export type Heard = { readonly kind: "other" | "first" | "quick" } | { readonly kind: "scan"; readonly text: string };

/**
 * Tells a keyboard-wedge scanner from a person by its pace: at least six characters, each and the Enter after it within 50 ms of the
 * one before. Nothing has to have the focus.
 */
export function createScannerEar(): (stroke: Keystroke) => Heard {
	let text = "";
	let lastMs = Number.NEGATIVE_INFINITY;
	return ({ key, atMs, isOdd }) => {
		if (key === "Shift" || key === "CapsLock") return { kind: "other" }; // scanners press it for capitals
		const isQuick = text !== "" && atMs - lastMs <= MAX_GAP_MS;
		lastMs = atMs;
		if (!isOdd && (key === "Enter" || key === "Tab")) {
			const scan = isQuick && text.length >= MIN_LENGTH ? text : undefined;
			text = "";
			return scan === undefined ? { kind: "other" } : { kind: "scan", text: scan.trim() };
		}
		if (isOdd || [...key].length !== 1) {
			text = "";
			return { kind: "other" };
		}
		text = isQuick ? text + asciiDigit(key) : asciiDigit(key);
		return { kind: isQuick && text.length > 2 ? "quick" : isQuick ? "other" : "first" };
	};
}

/** A keyboard set to Hindi types its own digits where the scanner means ours. */
function asciiDigit(key: string): string {
	const devanagari = "०१२३४५६७८९".indexOf(key);
	return devanagari < 0 ? key : String(devanagari);
}
