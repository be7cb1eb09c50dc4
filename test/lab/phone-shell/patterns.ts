import type { Change } from "./syntax.ts";

/** A shell pattern as a regular expression: `*`, `?` and `[...]` mean something outside of quotes only. */
export function globSource(pattern: string, quoted: boolean): string {
	const plain = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
	if (quoted) return plain(pattern);
	return pattern.replace(/\*|\?|\[[^\]]+\]|[\s\S]/g, (piece) => {
		if (piece === "*") return "[\\s\\S]*";
		if (piece === "?") return "[\\s\\S]";
		return piece.length > 1 ? piece.replace(/^\[!/, "[^") : plain(piece);
	});
}

/** `${name:-text}` and `${name#pattern}` and their kin, done to a value. */
export function changed(value: string, change: Change | undefined): string {
	if (!change) return value;
	if (change.operator === "-") return value || change.text;
	const whole = new RegExp(`^${globSource(change.text, false)}$`);
	const front = change.operator.startsWith("#");
	const longest = change.operator.length === 2;
	for (let cut = 0; cut <= value.length; cut += 1) {
		const length = longest ? value.length - cut : cut;
		const piece = front ? value.slice(0, length) : value.slice(value.length - length);
		if (whole.test(piece)) return front ? value.slice(length) : value.slice(0, value.length - length);
	}
	return value;
}
