/** Lists that come in pages over the registry's API: JSON schemas. Runs anywhere. */
import { type Static, Type } from "typebox";

import { closed } from "./api-types.ts";

/** Rows of one page. */
export const PAGE_ROWS = { usual: 200, most: 500 } as const;

/** Goes into an address as it is. */
const CURSOR_PATTERN = "^[A-Za-z0-9_-]{1,1000}$";

/** How a page is asked for. */
export const PageQuery = Type.Object(
	{
		limit: Type.Optional(
			Type.Integer({ minimum: 1, maximum: PAGE_ROWS.most, description: `Rows at most. Default: ${PAGE_ROWS.usual}.` }),
		),
		cursor: Type.Optional(Type.String({ pattern: CURSOR_PATTERN, description: "`nextCursor` of the page before." })),
	},
	closed,
);
export type PageQuery = Static<typeof PageQuery>;

/** What stands in a page beside its rows. */
export const PageEnd = Type.Object({
	nextCursor: Type.Optional(
		Type.String({
			pattern: CURSOR_PATTERN,
			description: "There are more: ask again with it as cursor. None: this was the last.",
		}),
	),
});
export type PageEnd = Static<typeof PageEnd>;
