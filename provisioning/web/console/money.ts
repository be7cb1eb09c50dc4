/** Digits behind the point that a currency is counted with (ISO 4217, as the browser knows it). */
function minorDigits(currency: string): number {
	return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** A whole number of minor units as a decimal text, without ever being a fraction in memory. */
function decimalOf(amountMinor: number, digits: number): string {
	const text = String(Math.abs(amountMinor)).padStart(digits + 1, "0");
	const sign = amountMinor < 0 ? "-" : "";
	return digits === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** An amount as people write it, with its currency: `1234550` in MXN is `MXN 12,345.50`. */
export function moneyText(amountMinor: number, currency: string, language: string): string {
	const format = new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "code" });
	// A decimal text is formatted exactly as it is (ES2023); the types of the library know it by this name.
	return format.format(decimalOf(amountMinor, minorDigits(currency)) as Intl.StringNumericLiteral);
}

/** Why a text is no amount. */
export type AmountProblem = "form" | "decimals" | "range";

const LARGEST_MINOR = 1_000_000_000_000;

/**
 * Reads what somebody typed: digits, and a point before the decimals. A comma is refused rather than guessed at: it stands for
 * thousands in one country and for decimals in the next.
 *
 * @returns the amount in minor units, or why it is none.
 */
export function readAmount(text: string, currency: string): { readonly minor: number } | { readonly problem: AmountProblem } {
	const match = /^(\d{1,15})(?:\.(\d+))?$/.exec(text.trim());
	if (!match) return { problem: "form" };
	const digits = minorDigits(currency);
	const [, whole = "", decimals = ""] = match;
	if (decimals.length > digits) return { problem: "decimals" };
	const minor = BigInt(whole + decimals.padEnd(digits, "0"));
	return minor < 1n || minor > BigInt(LARGEST_MINOR) ? { problem: "range" } : { minor: Number(minor) };
}

/** An amount as it is typed, to begin a field with. */
export function amountField(amountMinor: number, currency: string): string {
	return decimalOf(amountMinor, minorDigits(currency));
}
