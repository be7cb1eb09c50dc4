/**
 * What somebody typed or pasted, as it is searched for: an IMEI with blanks and hyphens becomes its digits, signs that no number holds
 * are dropped. At most 64 characters.
 */
export function cleanSearchText(text: string): string | undefined {
	const plain = text.replace(/[\p{C}\s]+/gu, " ").trim();
	const digits = plain.replace(/[ -]/g, "");
	const clean = /^\d{15}$/.test(digits) && /^[\d -]+$/.test(plain) && plain !== digits ? digits : plain;
	return clean === "" ? undefined : clean.slice(0, 64);
}
