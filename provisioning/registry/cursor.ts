import { refusal } from "./refusal.ts";

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
export function readCursor<Place extends readonly ("string" | "number")[]>(
	list: string,
	text: string,
	shape: Place,
): PlaceOf<Place> {
	const place: unknown = parsed(text);
	if (Array.isArray(place) && place.length === shape.length + 1 && place[0] === list) {
		const keys: unknown[] = place.slice(1);
		const isRight = keys.every(
			(key, index) => typeof key === shape[index] && (typeof key === "string" || Number.isSafeInteger(key)),
		);
		if (isRight && !keys.some((key) => typeof key === "string" && key.includes("\0"))) return keys as PlaceOf<Place>; // each was just checked
	}
	throw refusal("BAD_REQUEST", "This is no cursor of this list.", "Begin without one, and pass on what each page gives.");
}

type PlaceOf<Place extends readonly ("string" | "number")[]> = {
	readonly [Index in keyof Place]: Place[Index] extends "number" ? number : string;
};

function parsed(text: string): unknown {
	try {
		return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
	} catch {
		return undefined;
	}
}
