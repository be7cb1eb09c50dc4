import { type Imei, imeiTail } from "../../../proto/imei.ts";
import { squareCodeDots } from "../square-code.ts";
import { stationTime } from "../station-time.ts";
import { cutToWidth, fittingHeight, linesOfWidth } from "./font-width.ts";
import { labelCodeText } from "./label-code.ts";
import {
	barText,
	code128,
	code128Modules,
	DOTS_PER_MM,
	labelFormat,
	type Position,
	type PrinterDpi,
	picture,
	textField,
} from "./zpl.ts";

/** What every label tells. */
interface LabelText {
	readonly contractId: string;
	/** Such as `B7-000012-2`; see `labelNumber`. */
	readonly label: string;
	/** Initials or badge name, not a full name. */
	readonly operator: string;
	readonly station: string;
	/** When it was printed, milliseconds since 1970-01-01T00:00:00Z. */
	readonly printedAtMs: number;
}

/** The label on the box of a phone that passed. */
export interface PassLabel extends LabelText {
	/** As on the box; the first is the barcode. */
	readonly imeis: readonly [Imei, ...Imei[]];
	readonly model: string;
	/** Hash of the journal line that ended the run, hexadecimal. */
	readonly hash: string;
	/** Set on a reprint: 1 for the first one, and the label that this one makes void. */
	readonly reprint?: { readonly count: number; readonly voids: string };
}

/** A label to stick over one that is no longer valid. */
export interface VoidLabel extends LabelText {
	/** Why, in a few words. */
	readonly reason: string;
}

/** The paper and the print head. */
export interface LabelPaper {
	/** Default 203. */
	readonly dpi?: PrinterDpi;
	/** Default 50, which is the least that the barcode needs; at most 110. */
	readonly widthMm?: number;
	/** Default 25, which is the least; at most 110. */
	readonly heightMm?: number;
	/** IANA time zone of the date. Default `UTC`. */
	readonly timeZone?: string;
}

/** The layout is drawn on 50 x 25 mm at 8 dots for a millimetre, then scaled. */
const DRAWN = { width: 400, height: 200, margin: 8 };
const [LEAST_WIDTH_MM, LEAST_HEIGHT_MM, MOST_MM] = [50, 25, 110];
/** Where the square code stands, and the room it has; light dots around it are its quiet zone. */
const SQUARE = { right: DRAWN.width - 12, y: 10, side: 111 };
/** 5.25 mm high, with 10 modules of quiet zone before it. */
const BARCODE = { x: 20, y: 134, height: 42 };
/** The least height at which print is read without trouble, 1.5 mm, and the least at all. */
const [READABLE, LEAST] = [12, 9];

/**
 * The label for a phone that passed, as ZPL II: contract number, both IMEI tails, model, number of the label, IMEI 1 as Code 128 and in
 * digits, date, operator, station, and a square code with the text of `labelCodeText`. The contract number and the number of the label
 * are always whole; a model or a station that is too long is cut.
 *
 * @throws {RangeError} for paper that is too small or too large.
 */
export function passLabel(content: PassLabel, paper: LabelPaper = {}): string {
	const { dots, size, timeZone } = sheetOf(paper);
	const [imei, ...others] = content.imeis;
	const { date, time } = stationTime(content.printedAtMs, timeZone);
	const left = DRAWN.margin;
	const leftWidth = SQUARE.right - SQUARE.side - 12 - left;
	const rows: Row[] = [
		{ text: content.contractId, most: 34, whole: true },
		{ text: [imei, ...others].map((each) => `..${imeiTail(each)}`).join("  "), most: 26, whole: false },
		{ text: content.model, most: 18, whole: false },
		{ text: content.label, most: 20, whole: true },
	];
	const barcodeEnd = BARCODE.x + 2 * (code128Modules(imei.length) + 10);
	const side = { x: barcodeEnd, width: DRAWN.width - DRAWN.margin - barcodeEnd };
	const small = (text: string, at: Position & { readonly width: number }) => {
		const height = fittingHeight(text, at.width, 16, READABLE) ?? READABLE;
		return textField(cutToWidth(text, at.width, height), { x: dots(at.x), y: dots(at.y), height: dots(height) });
	};
	const footY = BARCODE.y + BARCODE.height + 4;
	const fields = [
		...stacked(rows, { x: left, y: DRAWN.margin, width: leftWidth, height: (content.reprint ? 104 : 126) - DRAWN.margin }, dots),
		...(content.reprint ? [reprintBar(content.reprint, { x: left, y: 108, width: leftWidth }, dots)] : []),
		squareCode(labelCodeText({ ...content, imei }), dots),
		code128(imei, {
			x: dots(BARCODE.x),
			y: dots(BARCODE.y),
			module: Math.floor(dots(2)),
			height: dots(BARCODE.height),
		}),
		small(date, { ...side, y: BARCODE.y }),
		small(time, { ...side, y: BARCODE.y + 18 }),
		small(`IMEI ${imei}`, { x: BARCODE.x, y: footY, width: 170 }),
		small(content.operator, { x: 200, y: footY, width: 70 }),
		small(content.station, { x: 276, y: footY, width: DRAWN.width - DRAWN.margin - 276 }),
	];
	return labelFormat(fields, size);
}

/** A label to stick over a void one, as ZPL II. It has no code that a scanner could read. */
export function voidLabel(content: VoidLabel, paper: LabelPaper = {}): string {
	const { dots, size, timeZone } = sheetOf(paper);
	const { date, time } = stationTime(content.printedAtMs, timeZone);
	const width = DRAWN.width - 2 * DRAWN.margin;
	const rows: Row[] = [
		{ text: content.label, most: 26, whole: true },
		{ text: content.contractId, most: 22, whole: true },
		{ text: content.reason, most: 18, whole: false },
		{ text: `${date} ${time}  ${content.operator}  ${content.station}`, most: 18, whole: false },
	];
	return labelFormat(
		[
			barText("VOID", { x: dots(DRAWN.margin), y: dots(DRAWN.margin), width: dots(width), height: dots(72) }),
			...stacked(rows, { x: DRAWN.margin, y: 94, width, height: DRAWN.height - DRAWN.margin - 94 }, dots),
		],
		size,
	);
}

/** One text of a column. A `whole` one is set in smaller print or on several lines, never cut; another may be cut or left out. */
interface Row {
	readonly text: string;
	/** Most height in drawn dots. */
	readonly most: number;
	readonly whole: boolean;
}

interface Box extends Position {
	readonly width: number;
	readonly height: number;
}

interface Sheet {
	/** Drawn dots to the printer's. */
	readonly dots: (drawn: number) => number;
	readonly size: { readonly width: number; readonly height: number };
	readonly timeZone: string;
}

function sheetOf({ dpi = 203, widthMm = LEAST_WIDTH_MM, heightMm = LEAST_HEIGHT_MM, timeZone = "UTC" }: LabelPaper): Sheet {
	if (!(widthMm >= LEAST_WIDTH_MM && heightMm >= LEAST_HEIGHT_MM && widthMm <= MOST_MM && heightMm <= MOST_MM))
		throw new RangeError(
			`a label is ${LEAST_WIDTH_MM} x ${LEAST_HEIGHT_MM} mm at least and ${MOST_MM} x ${MOST_MM} mm at most, not ${widthMm} x ${heightMm}`,
		);
	const perMm = DOTS_PER_MM[dpi];
	const scale = Math.min((widthMm * perMm) / DRAWN.width, (heightMm * perMm) / DRAWN.height);
	return {
		dots: (drawn) => Math.round(drawn * scale),
		size: { width: Math.round(widthMm * perMm), height: Math.round(heightMm * perMm) },
		timeZone,
	};
}

/** Sets rows below each other, as large as they fit together. What must be whole is; the rest is left out from the end if need be. */
function stacked(rows: readonly Row[], box: Box, dots: (drawn: number) => number): string[] {
	const gap = 3;
	const lines = fitted(rows, box, gap);
	let y = box.y;
	return lines.map(({ text, height }) => {
		const field = textField(text, { x: dots(box.x), y: dots(y), height: dots(height) });
		y += height + gap;
		return field;
	});
}

interface Line {
	readonly text: string;
	readonly height: number;
}

function fitted(rows: readonly Row[], box: Box, gap: number): Line[] {
	const must = rows.filter(({ whole }) => whole);
	const first = rows.find(({ whole }) => !whole);
	const tries = [
		...[1, 0.9, 0.8, 0.7, 0.6].map((part) => ({ rows, part })),
		{ rows: rows.filter((row) => row.whole || row === first), part: 0.6 },
		{ rows: must, part: 0.6 },
	];
	for (const { rows: kept, part } of tries) {
		const lines = kept.flatMap((row) => linesOf(row, box.width, Math.max(READABLE, Math.round(row.most * part)), READABLE));
		if (lines.reduce((sum, { height }) => sum + height + gap, -gap) <= box.height) return lines;
	}
	return must.flatMap((row) => linesOf(row, box.width, LEAST, LEAST));
}

function linesOf({ text, whole }: Row, width: number, most: number, least: number): Line[] {
	const smallest = Math.max(least, Math.round(most * 0.6));
	const height = fittingHeight(text, width, most, smallest) ?? smallest;
	const texts = whole ? linesOfWidth(text, width, height) : [cutToWidth(text, width, height)];
	return texts.map((line) => ({ text: line, height }));
}

/** Light on dark. The end of a long number is kept: that is where it differs from the one that is valid. */
function reprintBar(
	{ count, voids }: { readonly count: number; readonly voids: string },
	at: Position & { readonly width: number },
	dots: (drawn: number) => number,
): string {
	const width = at.width - 8;
	const text = (kept: number) => `REPRINT ${count}, voids ${kept < voids.length ? `..${voids.slice(-kept)}` : voids}`;
	let kept = voids.length;
	while (kept > 1 && fittingHeight(text(kept), width, READABLE, READABLE) === undefined) kept -= 1;
	const height = fittingHeight(text(kept), width, 16, READABLE) ?? READABLE;
	return barText(text(kept), { x: dots(at.x), y: dots(at.y), width: dots(at.width), height: dots(height) });
}

/** The square code as a picture of our own: its size is then known, whatever the printer would have made of the text. */
function squareCode(text: string, dots: (drawn: number) => number): string {
	const room = dots(SQUARE.side);
	const codes = (["medium", "low"] as const).map((ecc) => squareCodeDots(text, ecc));
	const best = codes.reduce((a, b) => (Math.floor(room / b.length) > Math.floor(room / a.length) ? b : a));
	const scale = Math.max(1, Math.floor(room / best.length));
	return picture(best, { x: dots(SQUARE.right) - best.length * scale, y: dots(SQUARE.y), scale });
}
