/**
 * What the codec knows of a message: a row for each field. Tables and not generated functions, because a phone's interpreter
 * parses all of the agent at each start; proto/README.md has the figures.
 */

/** How a field's value stands on the wire. Plain numbers: a bundler writes them into the rows. */
export const BOOL = 0;
/** Of enums, too. */
export const INT32 = 1;
export const UINT32 = 2;
export const UINT64 = 3;
export const FIXED32 = 4;
export const STRING = 5;
export const BYTES = 6;
export const MESSAGE = 7;
/** Added to a kind. Repeated numbers are packed. */
export const REPEATED = 8;

/** Number, name, kind; of a message its type; of a oneof's member the oneof's name. */
export type Row =
	| readonly [number: number, name: string, kind: number]
	| readonly [number: number, name: string, kind: number, type: Table]
	| readonly [number: number, name: string, kind: number, type: Table | undefined, oneof: string];

/** A row, worked out for reading and writing. */
export interface Field {
	readonly number: number;
	readonly name: string;
	/** Without {@link REPEATED}. */
	readonly kind: number;
	readonly isRepeated: boolean;
	/** Repeated numbers stand behind each other in one field. */
	readonly isPacked: boolean;
	/** As this codec writes it: field number and wire type. */
	readonly tag: number;
	/** As one element of a repeated number could stand alone; otherwise the same. */
	readonly elementTag: number;
	readonly type: Table | undefined;
	readonly oneof: string | undefined;
	/** Other members of its oneof. */
	readonly rivals: readonly string[];
}

/** The fields of a message. */
export interface Table {
	/** In the order of their numbers. */
	readonly fields: readonly Field[];
	/** The same by number, with holes. */
	readonly byNumber: readonly (Field | undefined)[];
}

/** A message type of a schema: its table, and the shape of its messages. Only the generated code makes them. */
export interface MessageType<Properties> extends Table {
	/** Never there: a type needs a place to stand. */
	readonly shape?: Properties;
}

/** Makes a message type of its rows, which stand in the order of their numbers. */
export function messageType<Properties>(rows: readonly Row[]): MessageType<Properties> {
	const fields = rows.map(([number, name, flags, type, oneof]): Field => {
		const kind = flags & 7;
		const isRepeated = (flags & REPEATED) !== 0;
		const isPacked = isRepeated && kind < STRING;
		const wireType = kind >= STRING ? 2 : kind === FIXED32 ? 5 : 0;
		const elementTag = number * 8 + wireType;
		const rivals = oneof ? rows.filter((row) => row[4] === oneof && row[1] !== name).map((row) => row[1]) : [];
		const tag = isPacked ? number * 8 + 2 : elementTag;
		return { number, name, kind, isRepeated, isPacked, tag, elementTag, type, oneof, rivals };
	});
	const byNumber: (Field | undefined)[] = new Array(1 + (fields.at(-1)?.number ?? 0)).fill(undefined);
	for (const field of fields) byNumber[field.number] = field;
	return { fields, byNumber };
}
