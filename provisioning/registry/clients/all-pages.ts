import { faultError } from "../../handset/fault.ts";
import { PAGE_ROWS, type PageEnd } from "../page-request.ts";

/** Two million rows: more than any list has that is read to its end. */
const MOST_PAGES = 4000;

/**
 * The pages of a list, one after the other, for as long as the caller asks for them.
 *
 * @param ask brings the page at a cursor; the first one for `undefined`.
 * @throws {FaultError} REGISTRY_UNTRUSTED for a list that leads back to where it was, or never ends; and whatever `ask` throws.
 */
export async function* pagesOf<Page extends PageEnd>(
	ask: (cursor: string | undefined) => Promise<Page>,
): AsyncGenerator<Page, void, undefined> {
	const seen = new Set<string>();
	for (let cursor: string | undefined; ; ) {
		const page = await ask(cursor);
		yield page;
		cursor = page.nextCursor;
		if (cursor === undefined) return;
		if (seen.has(cursor)) throw faultError("REGISTRY_UNTRUSTED", { raw: "a list leads back to a page that it gave before" });
		seen.add(cursor);
		if (seen.size >= MOST_PAGES) throw faultError("REGISTRY_UNTRUSTED", { raw: `a list does not end after ${MOST_PAGES} pages` });
	}
}

/**
 * All rows of a list, read to its end.
 *
 * @param ask brings a page; `query` belongs into its address.
 * @throws {FaultError} as {@link pagesOf}.
 */
export async function allRows<Page extends PageEnd, Row>(
	ask: (query: string) => Promise<Page>,
	rowsOf: (page: Page) => readonly Row[],
): Promise<Row[]> {
	const rows: Row[] = [];
	const limit = `limit=${PAGE_ROWS.most}`;
	// Not encoded: the schema of a page lets through what an address may hold, and nothing else.
	for await (const page of pagesOf((cursor) => ask(cursor === undefined ? limit : `${limit}&cursor=${cursor}`)))
		for (const row of rowsOf(page)) rows.push(row); // one by one: a page may be longer than a call has room for
	return rows;
}
