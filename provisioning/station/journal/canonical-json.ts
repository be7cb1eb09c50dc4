/** Deeper than anything that a journal holds; a line that nests deeper was not written by a station. */
const MAX_DEPTH = 32;

/**
 * JSON in the one form that RFC 8785 gives a value: members sorted by the UTF-16 units of their names, no blanks, numbers and
 * strings as ECMAScript writes them. The RFC defines both by `JSON.stringify`, so there is nothing left here but the sorting.
 * Members that are `undefined` are left out, as JSON does.
 *
 * @throws {TypeError} for what I-JSON (RFC 7493) cannot say: NaN, infinities, half a surrogate pair, and anything that is not data.
 */
export function canonicalJson(value: unknown): string {
	return write(value, 0);
}

function write(value: unknown, depth: number): string {
	if (depth > MAX_DEPTH) throw new TypeError("nested too deep for canonical JSON");
	if (value === null || typeof value === "boolean") return String(value);
	if (typeof value === "string") return writeString(value);
	if (typeof value === "number") {
		if (!Number.isFinite(value)) throw new TypeError("canonical JSON has no NaN and no infinity");
		return JSON.stringify(value);
	}
	if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(",")}]`;
	if (typeof value !== "object" || !isPlain(value)) throw new TypeError("canonical JSON holds data only");
	const members = Object.entries(value).filter(([, member]) => member !== undefined);
	// The default order of sort() is that of UTF-16 units, which is what the RFC asks for.
	const names = members.map(([name]) => name).sort();
	const byName = new Map(members);
	return `{${names.map((name) => `${writeString(name)}:${write(byName.get(name), depth + 1)}`).join(",")}}`;
}

function writeString(text: string): string {
	if (/\p{Cs}/u.test(text)) throw new TypeError("canonical JSON has no half of a surrogate pair");
	return JSON.stringify(text);
}

function isPlain(value: object): boolean {
	const prototype: unknown = Object.getPrototypeOf(value);
	return prototype === Object.prototype || prototype === null;
}
