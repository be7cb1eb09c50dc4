/** Smallest card on which the number, the word and the IMEI can be read, CSS pixels. */
const MIN_WIDTH = 108;
const MIN_HEIGHT = 66;
/** A comfortable card, for a grid that has to scroll anyway. */
const SCROLL_WIDTH = 138;
const SCROLL_HEIGHT = 112;
/** Cards are easiest to read at about this width to height. */
const SHAPE = 1.9;
export const GAP = 6;

/** How many columns, and how high a row is: `fill` shares the height that there is, `scroll` has rows of a fixed height. */
export interface GridFit {
	readonly columns: number;
	readonly rows: "fill" | "scroll";
	/** CSS pixels. */
	readonly rowHeight: number;
}

/** The largest cards of which all fit into the space; where they would be too small to read, comfortable ones that scroll. */
export function fitGrid(count: number, width: number, height: number): GridFit {
	let best: (GridFit & { size: number }) | undefined;
	for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
		const rows = Math.ceil(count / columns);
		const cardWidth = (width - (columns - 1) * GAP) / columns;
		const rowHeight = (height - (rows - 1) * GAP) / rows;
		if (cardWidth < MIN_WIDTH || rowHeight < MIN_HEIGHT) continue;
		const size = Math.min(cardWidth / SHAPE, rowHeight);
		if (!best || size > best.size) best = { columns, rows: "fill", rowHeight: Math.floor(rowHeight), size };
	}
	if (best) return { columns: best.columns, rows: best.rows, rowHeight: best.rowHeight };
	const columns = Math.max(1, Math.floor((width + GAP) / (SCROLL_WIDTH + GAP)));
	return { columns, rows: "scroll", rowHeight: SCROLL_HEIGHT };
}
