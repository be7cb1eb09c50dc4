/**
 * The quasigroup of order 10 from H. Michael Damm, "Total anti-symmetrische Quasigruppen" (Marburg 2004), page 111. Its diagonal
 * is 0, and it is totally anti-symmetric: that is what catches every single wrong digit and every swap of neighbours. Luhn, which
 * IMEIs have, misses 09 for 90.
 */
const QUASIGROUP = [
	"0317598642",
	"7092154863",
	"4206871359",
	"1750983426",
	"6123045978",
	"3674209581",
	"5869720134",
	"8945362017",
	"9438617205",
	"2581436790",
] as const;

/** The check digit of a row of digits, as a digit. */
export function dammDigit(digits: string): string {
	let interim = "0";
	for (const digit of digits) interim = QUASIGROUP[Number(interim)]?.[Number(digit)] ?? "";
	return interim;
}

/** Whether a row of digits ends in the check digit of those before it. Anything but digits: no. */
export function endsInDammDigit(digits: string): boolean {
	return /^\d{2,}$/.test(digits) && dammDigit(digits) === "0";
}
