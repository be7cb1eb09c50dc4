import { type RawBuilder, type SqlBool, sql } from "kysely";

import { wire } from "../../../proto/wire.ts";
import { refusal } from "../refusal.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { ContractFilter, ContractPage, ContractSearch, ContractSort, PhoneStanding } from "./contract-search-request.ts";
import { readContractsOf } from "./contracts.ts";

const DAY = 24 * 3600;
const DEFAULT_LIMIT = 50;
/** Comes after every character of a contract number, and after every digit. */
const [AFTER_ANY, AFTER_DIGITS] = ["\x7f", ":"];

const STANDING_NUMBERS: Readonly<Record<PhoneStanding, number>> = {
	none: wire.Standing.STANDING_UNSPECIFIED,
	unbound: wire.Standing.STANDING_UNBOUND,
	unlocked: wire.Standing.STANDING_UNLOCKED,
	grace: wire.Standing.STANDING_GRACE,
	locked_limited: wire.Standing.STANDING_LOCKED_LIMITED,
	locked_full: wire.Standing.STANDING_LOCKED_FULL,
	released: wire.Standing.STANDING_RELEASED,
};

type Condition = RawBuilder<SqlBool>;

/** In the order of the bytes, as the indexes are. */
const NUMBER = sql`contract_id COLLATE "C"`;
const COLUMNS = { number: undefined, due: sql`paid_until`, contact: sql`seen_day` } as const;

/** Where a page ended: the last contract on it, and what it was sorted by. */
interface Cursor {
	readonly sort: ContractSort;
	readonly value: number;
	readonly contractId: string;
}

interface Found {
	contract_id: string;
	paid_until: number;
	seen_day: number;
}

/**
 * A page of the contracts that fit. Pages are kept apart by the last contract of the one before, not by a count, so that none is left
 * out or shown twice while others are entered. One whose own due date or last contact changes meanwhile moves, as it must.
 *
 * @throws {Refusal} BAD_REQUEST: a cursor that is none, or of another order.
 */
export async function searchContracts(context: RegistryContext, search: ContractSearch): Promise<ContractPage> {
	const { sort = "number", limit = DEFAULT_LIMIT } = search;
	const cursor = search.after === undefined ? undefined : readCursor(search.after, sort);
	const ways = waysToFind(search);
	const rows =
		ways.length === 0
			? []
			: (await searchQuery({ ...search, sort, limit: limit + 1 }, nowSeconds(context), cursor).execute(context.database.kysely))
					.rows;
	const page = rows.slice(0, limit);
	const last = page.at(-1);
	return {
		contracts: await readContractsOf(
			context,
			page.map(({ contract_id }) => contract_id),
		),
		...(rows.length > limit && last ? { next: writeCursor(sort, last) } : {}),
	};
}

/** The question to the database; each way to find a text walks an index of its own. */
export function searchQuery(
	search: ContractFilter & { readonly sort: ContractSort; readonly limit: number },
	now: number,
	cursor?: Cursor,
): RawBuilder<Found> {
	const column = COLUMNS[search.sort];
	const order = column ? sql`${column}, ${NUMBER}` : NUMBER;
	const conditions = [...filterConditions(search, now), ...(cursor ? [after(cursor)] : [])];
	const ways = waysToFind(search).map((way) => {
		const all = [...conditions, ...way];
		const where = all.length === 0 ? sql`` : sql`WHERE ${sql.join(all, sql` AND `)}`;
		return sql`(SELECT contract_id, paid_until, seen_day FROM contracts ${where} ORDER BY ${order} LIMIT ${search.limit})`;
	});
	if (ways.length === 1) return sql<Found>`${sql.join(ways)}`;
	return sql<Found>`SELECT contract_id, paid_until, seen_day FROM (${sql.join(ways, sql` UNION `)}) AS found
		ORDER BY ${order} LIMIT ${search.limit}`;
}

/** What of a filter is asked of every contract, but for its text. */
export function filterConditions(filter: ContractFilter, now: number): Condition[] {
	const { state, standing, overdueSinceDays, silentSinceDays } = filter;
	return [
		...(state === undefined ? [] : [sql<SqlBool>`state = ${state}`]),
		...(standing === undefined ? [] : [sql<SqlBool>`standing = ${STANDING_NUMBERS[standing]}::int`]),
		...(overdueSinceDays === undefined
			? []
			: [sql<SqlBool>`state = 'open'`, sql<SqlBool>`paid_until < ${now - overdueSinceDays * DAY}::bigint`]),
		...(silentSinceDays === undefined
			? []
			: [sql<SqlBool>`state = 'open'`, sql<SqlBool>`seen_day BETWEEN 1 AND ${Math.floor(now / DAY) - silentSinceDays}::int`]),
	];
}

/** Each a list of conditions; none if the text can be nothing that a contract has. */
export function waysToFind({ text }: ContractFilter): Condition[][] {
	if (text === undefined) return [[]];
	const typed = text.trim();
	const ways: Condition[][] = [];
	if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(typed))
		ways.push([sql<SqlBool>`${NUMBER} >= ${typed}`, sql<SqlBool>`${NUMBER} < ${`${typed}${AFTER_ANY}`}`]);
	const digits = typed.replace(/[\s-]/g, "");
	if (/^\d{4,15}$/.test(digits)) {
		const backwards = [...digits].reverse().join("");
		// As an array: a list of contracts is few rows, however many there are, and each is then looked up.
		ways.push([
			sql<SqlBool>`contract_id = ANY(ARRAY(SELECT contract_id FROM imeis
				WHERE reverse(imei) COLLATE "C" >= ${backwards} AND reverse(imei) COLLATE "C" < ${`${backwards}${AFTER_DIGITS}`}))`,
		]);
	}
	return ways;
}

function after({ sort, value, contractId }: Cursor): Condition {
	const column = COLUMNS[sort];
	return column
		? sql<SqlBool>`(${column}, ${NUMBER}) > (${value}::bigint, ${contractId})`
		: sql<SqlBool>`${NUMBER} > ${contractId}`;
}

function writeCursor(sort: ContractSort, { contract_id, paid_until, seen_day }: Found): string {
	const value = { number: 0, due: paid_until, contact: seen_day }[sort];
	return Buffer.from(JSON.stringify([sort, value, contract_id])).toString("base64url");
}

function readCursor(text: string, sort: ContractSort): Cursor {
	const read = parse(Buffer.from(text, "base64url").toString("utf8"));
	if (Array.isArray(read)) {
		const [of, value, contractId]: unknown[] = read;
		if (of === sort && Number.isSafeInteger(value) && typeof contractId === "string")
			return { sort, value: Number(value), contractId };
	}
	throw refusal("BAD_REQUEST", "`after` is not the `next` of a page in this order.", "Begin at the first page.");
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
