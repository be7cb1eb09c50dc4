import { type Static, Type } from "typebox";

/** Form of the file. Grows when an older program would read it wrongly. */
export const LEDGER_FORM = 1;

/** First line of a ledger's file. */
export const LedgerHead = Type.Object({
	form: Type.Integer(),
	exportId: Type.String({ pattern: "^[0-9a-f]{32}$" }),
	lenderId: Type.String(),
	madeAtUnixSeconds: Type.Integer(),
	/** Envelopes of key sets 1..N, base64: public. */
	keySets: Type.Array(Type.String()),
	/** Digest that tells one code vault from another, and nothing else of it. */
	vault: Type.Optional(Type.String()),
	/** The key that secrets are sealed with, itself sealed to whoever may open them (age, base64). Absent: there are no secrets. */
	transferKey: Type.Optional(Type.String()),
	/** Columns of each table, in the order of the file. */
	tables: Type.Array(Type.Object({ name: Type.String(), columns: Type.Array(Type.String({ pattern: "^[a-z][a-z0-9_]*$" })) })),
});
export type LedgerHead = Static<typeof LedgerHead>;

/** The last line but one: how many rows each table has. */
export const LedgerEnd = Type.Object({ rows: Type.Record(Type.String(), Type.Integer()) });
export type LedgerEnd = Static<typeof LedgerEnd>;

/** What is signed. */
export const LedgerSeal = Type.Object({
	exportId: Type.String(),
	hash: Type.String(),
	lenderId: Type.String(),
	lines: Type.Integer(),
});
export type LedgerSeal = Static<typeof LedgerSeal>;
