import { PAGE_ROWS, type PageEnd, type PageQuery } from "./page-request.ts";
import { refusal } from "./refusal.ts";

/** Types of the keys by which a list is in order: together they are those of one row alone. */
type Shape = readonly ("string" | "number")[];

/**
 * A list that is read a page at a time.
 *
 * @param name no other list has it: a cursor of another one is refused.
 */
export function pagedList<const Keys extends Shape>(name: string, shape: Keys) {
	return {
		/**
		 * One page, and what stands beside its rows. A row whose own keys change meanwhile moves, as it must.
		 *
		 * @param rowsAfter the first `count` rows, in order, of those after a place; from the start for `undefined`.
		 * @throws {Refusal} BAD_REQUEST: the cursor is none of this list.
		 */
		async read<Row>(
			{ limit = PAGE_ROWS.usual, cursor }: PageQuery,
			rowsAfter: (place: PlaceOf<Keys> | undefined, count: number) => Promise<readonly Row[]>,
			placeOf: (row: Row) => PlaceOf<Keys>,
		): Promise<{ rows: readonly Row[]; end: PageEnd }> {
			// One more than the page holds tells whether there is another.
			const found = await rowsAfter(cursor === undefined ? undefined : readCursor(name, cursor, shape), limit + 1);
			const rows = found.slice(0, limit);
			const last = rows.at(-1);
			return { rows, end: found.length > limit && last !== undefined ? { nextCursor: writeCursor(name, placeOf(last)) } : {} };
		},
	};
}

/**
 * A place in a list, as text that says nothing to whoever passes it on: base64url of a JSON array. It holds keys of the last row, never
 * an offset, so that rows that come or go meanwhile neither repeat nor hide any other. Not signed: it gives nobody more than asking for
 * that place does.
 *
 * @param list which list it is of: a cursor of another list is refused.
 */
export function writeCursor(list: string, place: readonly (string | number)[]): string {
	return Buffer.from(JSON.stringify([list, ...place])).toString("base64url");
}

/** @throws {Refusal} BAD_REQUEST for anything but a cursor of this list. */
export function readCursor<Keys extends Shape>(list: string, text: string, shape: Keys): PlaceOf<Keys> {
	const place: unknown = parsed(text);
	if (Array.isArray(place) && place.length === shape.length + 1 && place[0] === list) {
		const keys: unknown[] = place.slice(1);
		const isRight = keys.every(
			(key, index) => typeof key === shape[index] && (typeof key === "string" || Number.isSafeInteger(key)),
		);
		if (isRight && !keys.some((key) => typeof key === "string" && key.includes("\0"))) return keys as PlaceOf<Keys>; // each was just checked
	}
	throw refusal("BAD_REQUEST", "This is no cursor of this list.", "Begin without one, and pass on what each page gives.");
}

type PlaceOf<Keys extends Shape> = { readonly [Index in keyof Keys]: Keys[Index] extends "number" ? number : string };

function parsed(text: string): unknown {
	try {
		return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
	} catch {
		return undefined;
	}
}
