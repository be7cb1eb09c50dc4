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
	readonly name: string;
	/** Without {@link REPEATED}. */
	readonly kind: number;
	/** Field number and wire type, as this codec writes them. */
	readonly tag: number;
	/** As one element of packed numbers could stand alone; otherwise the same. */
	readonly elementTag: number;
	readonly isRepeated: boolean;
	/** Repeated numbers stand behind each other in one field. */
	readonly isPacked: boolean;
	/** The value that is left out; a member of a oneof has none. */
	readonly blank: unknown;
	readonly type: Table | undefined;
	readonly oneof: string | undefined;
	/** Other members of its oneof. */
	readonly rivals: readonly string[];
}

/** The fields of a message. */
export interface Table {
	/** From the highest number to the lowest: a message is written from its end. */
	readonly fields: readonly Field[];
	/** The same by number, with holes. */
	readonly byNumber: readonly (Field | undefined)[];
	/** A message of which nothing came: defaults, but for its lists. */
	readonly blank: Readonly<Record<string, unknown>>;
	/** Names of its lists. */
	readonly lists: readonly string[];
}

/** A message type of a schema: its table, and the shape of its messages. Only the generated code makes them. */
export interface MessageType<Properties> extends Table {
	/** Never there: a type needs a place to stand. */
	readonly shape?: Properties;
}

/** Makes a message type of its rows. */
export function messageType<Properties>(rows: readonly Row[]): MessageType<Properties> {
	const fields = rows.map((row) => fieldOf(row, rows)).sort((a, b) => b.tag - a.tag);
	const byNumber: (Field | undefined)[] = new Array(1 + ((fields[0]?.tag ?? 0) >>> 3)).fill(undefined);
	for (const field of fields) byNumber[field.tag >>> 3] = field;
	const [lists, single] = [fields.filter((field) => field.isRepeated), fields.filter((field) => !field.isRepeated)];
	const plain = single.filter((field) => field.oneof === undefined);
	return {
		fields,
		byNumber,
		blank: Object.fromEntries(plain.map(({ name, blank }) => [name, blank])),
		lists: lists.map(({ name }) => name),
	};
}

function fieldOf([number, name, flags, type, oneof]: Row, rows: readonly Row[]): Field {
	const kind = flags & 7;
	const isRepeated = (flags & REPEATED) !== 0;
	const isPacked = isRepeated && kind < STRING;
	const elementTag = number * 8 + (kind >= STRING ? 2 : kind === FIXED32 ? 5 : 0);
	return {
		name,
		kind,
		tag: isPacked ? number * 8 + 2 : elementTag,
		elementTag,
		isRepeated,
		isPacked,
		blank: oneof === undefined ? BLANKS[kind] : undefined,
		type,
		oneof,
		rivals: oneof ? rows.filter((row) => row[4] === oneof && row[1] !== name).map((row) => row[1]) : [],
	};
}

/** By kind. All messages share the empty bytes: there is nothing in them that could change. */
const BLANKS: readonly unknown[] = [false, 0, 0, 0, 0, "", new Uint8Array(), null];
