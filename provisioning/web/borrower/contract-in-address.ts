/** The contract number of a receipt's QR code, `#contract=NUMBER`. The code never stands in an address: one that does is passed over. */
export function contractIn(hash: string): string {
	const number = new URLSearchParams(hash.replace(/^#/, "")).get("contract") ?? "";
	return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(number) ? number : "";
}
