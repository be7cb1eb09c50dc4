import { type ErrorCorrection, encodeQR } from "qr";

/** The dots of a QR code without its quiet zone: rows from the top, `true` is dark. @param ecc how much damage it bears. */
export function squareCodeDots(text: string, ecc: ErrorCorrection): boolean[][] {
	// The library draws a border of one dot at least.
	const dots = encodeQR(text, "raw", { ecc, border: 1 });
	return dots.slice(1, -1).map((row) => row.slice(1, -1));
}
