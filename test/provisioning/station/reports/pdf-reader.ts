import { inflateSync } from "node:zlib";

/** The texts that a PDF of pdfkit's standard fonts shows, in the order in which they were written, one for each piece of text. */
export function textsOfPdf(pdf: Uint8Array): string[] {
	const file = Buffer.from(pdf);
	const texts: string[] = [];
	for (let at = file.indexOf("stream\n"); at >= 0; at = file.indexOf("stream\n", at)) {
		const start = at + "stream\n".length;
		const end = file.indexOf("\nendstream", start);
		const content = inflated(file.subarray(start, end));
		for (const [, pieces = ""] of content.matchAll(/\[([^\]]*)\] TJ/g)) {
			const hex = [...pieces.matchAll(/<([0-9a-f]*)>/g)].map(([, digits]) => digits).join("");
			texts.push(Buffer.from(hex, "hex").toString("latin1"));
		}
		at = end + "\nendstream".length;
	}
	return texts;
}

export function pageCountOf(pdf: Uint8Array): number {
	return (
		Buffer.from(pdf)
			.toString("latin1")
			.match(/\/Type \/Page\b/g)?.length ?? 0
	);
}

function inflated(stream: Buffer): string {
	try {
		return inflateSync(stream).toString("latin1");
	} catch {
		return ""; // something else than a page, such as a picture
	}
}
