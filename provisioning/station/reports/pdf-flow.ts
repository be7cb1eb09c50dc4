import { pdfText } from "./pdf-text.ts";

/** Points, 72 to the inch; A4. */
const PAGE = { width: 595.28, height: 841.89, margin: 40, foot: 58 };
export const INK = {
	text: "#1c2430",
	muted: "#5b6675",
	line: "#c9d0d9",
	band: "#eef1f5",
	good: "#1f6f5c",
	queued: "#b8860b",
	bad: "#a63d2f",
};

const BODY_SIZE = 8.5;
const LINE_HEIGHT = 11;
/** A cell that needs more lines than this is cut with three dots: the JSON has it whole. */
const MOST_LINES = 4;

export interface TableColumn {
	readonly title: string;
	/** Part of the width; all of them together are 1. */
	readonly part: number;
}

/** Things below each other on pages of one width, from the top. Texts may hold anything. */
export interface PdfFlow {
	readonly doc: PDFKit.PDFDocument;
	readonly left: number;
	readonly width: number;
	/** Where the next thing goes. */
	y: number;
	/** Goes to a new page unless so many points are left. */
	room(points: number): void;
	heading(text: string): void;
	/** A paragraph. */
	paragraph(text: string, look?: TextLook): void;
	/** One line at a place, cut with three dots to fit its width. */
	line(text: string, x: number, y: number, width: number, look?: TextLook): void;
	table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): void;
}

export interface TextLook {
	readonly size?: number;
	readonly color?: string;
	readonly bold?: boolean;
	readonly align?: "left" | "right" | "center";
}

export function pdfFlow(doc: PDFKit.PDFDocument): PdfFlow {
	const left = PAGE.margin;
	const width = PAGE.width - 2 * PAGE.margin;
	const bottom = PAGE.height - PAGE.foot;

	function set({ size = BODY_SIZE, color = INK.text, bold = false }: TextLook): void {
		doc
			.font(bold ? "Helvetica-Bold" : "Helvetica")
			.fontSize(size)
			.fillColor(color);
	}

	function cut(text: string, room: number): string {
		if (doc.widthOfString(text) <= room) return text;
		let [fits, over] = [0, text.length];
		while (over - fits > 1) {
			const middle = (fits + over) >> 1;
			if (doc.widthOfString(`${text.slice(0, middle)}…`) <= room) fits = middle;
			else over = middle;
		}
		return `${text.slice(0, fits)}…`;
	}

	function line(text: string, x: number, y: number, room: number, look: TextLook = {}): void {
		set(look);
		const shown = cut(pdfText(text), room);
		const free = look.align === undefined || look.align === "left" ? 0 : room - doc.widthOfString(shown);
		doc.text(shown, x + (look.align === "center" ? free / 2 : free), y, { lineBreak: false });
	}

	/** Lines of a text, broken at blanks where there are any. Set the font first. */
	function wrapped(text: string, room: number, most: number): string[] {
		const lines: string[] = [];
		let rest = pdfText(text);
		while (rest !== "" && lines.length < most) {
			let fits = cut(rest, room);
			if (fits === rest || lines.length === most - 1) {
				lines.push(fits);
				break;
			}
			fits = fits.slice(0, -1);
			const blank = fits.lastIndexOf(" ");
			const end = blank > 0 ? blank : Math.max(1, fits.length);
			lines.push(rest.slice(0, end));
			rest = rest.slice(end).trimStart();
		}
		return lines;
	}

	function newPage(): void {
		doc.addPage();
		flow.y = PAGE.margin;
	}

	const flow: PdfFlow = {
		...{ doc, left, width, line },
		y: PAGE.margin,
		room(points) {
			if (flow.y + points > bottom) newPage();
		},
		heading(text) {
			flow.room(60);
			flow.y += 14;
			line(text, left, flow.y, width, { size: 12, bold: true });
			flow.y += 18;
		},
		paragraph(text, look = {}) {
			set(look);
			const height = (look.size ?? BODY_SIZE) * 1.3;
			for (const part of wrapped(text, width, 40)) {
				flow.room(height);
				line(part, left, flow.y, width, look);
				flow.y += height;
			}
		},
		table(columns, rows) {
			const starts = columns.map(
				(_column, index) => left + width * columns.slice(0, index).reduce((sum, { part }) => sum + part, 0),
			);
			const roomOf = (index: number) => width * (columns[index]?.part ?? 0) - 6;
			const header = () => {
				doc.rect(left, flow.y, width, LINE_HEIGHT + 4).fill(INK.band);
				for (const [index, { title }] of columns.entries())
					line(title, (starts[index] ?? left) + 3, flow.y + 4, roomOf(index), { bold: true, color: INK.muted });
				flow.y += LINE_HEIGHT + 6;
			};
			flow.room(3 * LINE_HEIGHT);
			header();
			for (const row of rows) {
				set({});
				const cells = row.map((cell, index) => wrapped(cell, roomOf(index), MOST_LINES));
				const height = Math.max(1, ...cells.map(({ length }) => length)) * LINE_HEIGHT + 3;
				if (flow.y + height > bottom) {
					newPage();
					header();
				}
				for (const [index, lines] of cells.entries())
					for (const [number, text] of lines.entries())
						line(text, (starts[index] ?? left) + 3, flow.y + 2 + number * LINE_HEIGHT, roomOf(index));
				flow.y += height;
				doc
					.moveTo(left, flow.y)
					.lineTo(left + width, flow.y)
					.lineWidth(0.4)
					.stroke(INK.line);
			}
			flow.y += 6;
		},
	};
	return flow;
}

/** Writes a line at the foot of every page, once all pages are there. */
export function pageFeet(flow: PdfFlow, text: string): void {
	const { doc, left, width } = flow;
	const { start, count } = doc.bufferedPageRange();
	for (let page = start; page < start + count; page += 1) {
		doc.switchToPage(page);
		// Below the margin, where the library would start another page.
		doc.page.margins.bottom = 0;
		const y = PAGE.height - 36;
		flow.line(text, left, y, width - 90, { size: 7.5, color: INK.muted });
		flow.line(`page ${page - start + 1} of ${count}`, left + width - 90, y, 90, { size: 7.5, color: INK.muted, align: "right" });
	}
}
