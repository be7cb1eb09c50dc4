/** The agent without what its host brings. */
export function withOwnCryptography(bundle: Uint8Array): Uint8Array {
	const own = "\nvar holdfast = { open: ((open) => () => open())(holdfast.open) };";
	return Buffer.concat([bundle, Buffer.from(own)]);
}

/** A bundle that passes the engine's first look, and then does this. */
function bundleThat(does: string): string {
	return `globalThis.holdfast = { open: (native) => ({ handle(ledger, event) {
		if (event.length === 0) return { ledger: new Uint8Array(), effects: new Uint8Array(1) };
		${does}
	} }) };`;
}

/** Bundles that a phone must survive: name, text, and what the engine says of each. */
export const failingBundles: readonly (readonly [name: string, text: string, words: string])[] = [
	["an endless loop", bundleThat("for (;;);"), "out of time"],
	["one that catches everything", bundleThat("for (;;) { try { for (;;); } catch {} finally { for (;;); } }"), "out of time"],
	["a regular expression", bundleThat("/^(a+)+$/.test('a'.repeat(64) + 'b');"), "out of time"],
	["an error whose text never ends", bundleThat("throw { toString() { for (;;); } };"), "out of time"],
	["memory without end", bundleThat("for (const all = [];;) all.push(new Array(1e5).fill(1));"), "out of memory"],
	[
		"memory without end, caught",
		bundleThat("try { for (let all = [];;) all.push(new Array(1e5).fill(1)); } catch { return { ledger, effects: event }; }"),
		"out of memory",
	],
	["numbers without end", bundleThat("for (let number = 3n;;) number *= number;"), "RangeError: BigInt is too large to allocate"],
	["matches without end", bundleThat("for (const all = [];;) all.push(/a(b)*/.exec('abbb' + all.length));"), "out of memory"],
	["calls without end", bundleThat("(function again() { again(); })();"), "InternalError: stack overflow"],
	["an error", bundleThat("throw new Error('no: \u20ac \u0000 \u{1f600}');"), "Error: no: ??? "],
	["a symbol thrown", bundleThat("throw Symbol('odd');"), "an error that cannot be named"],
	["no bytes", bundleThat("return { ledger: 'bytes', effects: 1 };"), "TypeError: not a TypedArray"],
	["wider bytes", bundleThat("return { ledger, effects: new Uint16Array(2) };"), "TypeError: not an array of bytes"],
	["nothing", bundleThat("return undefined;"), "TypeError: cannot read property 'ledger' of undefined"],
	["cryptography of nothing", bundleThat("native.sha256();"), "TypeError: not a TypedArray"],
	["an endless loop while it opens", "for (;;);", "out of time"],
	["no script", "function {", "SyntaxError: function name expected"],
	["no agent", "", "TypeError: cannot read property 'open' of undefined"],
	[
		"arithmetic that is not sound",
		"globalThis.holdfast = { open() { throw new Error('this engine\\'s BigInt is unsound'); } };",
		"Error: this engine's BigInt is unsound",
	],
];

/** Those of them that an emulator runs, too: one for each way out of the engine. */
export const ESSENTIAL_FAILURES: readonly string[] = [
	"an endless loop",
	"memory without end, caught",
	"calls without end",
	"an error",
];
