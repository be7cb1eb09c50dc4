/** A time code as it is read out: its groups, each digit apart, so that nobody says "eleven". */
export function codeGroups(code: string): readonly (readonly string[])[] {
	return code.split("-").map((group) => [...group]);
}

/** The digits of a request number as they are typed, in fours; everything that is no digit is dropped. At most 8 digits. */
export function groupRequestNumber(text: string): string {
	const digits = text.replace(/\D/g, "").slice(0, 8);
	return digits.length > 4 ? `${digits.slice(0, 4)} ${digits.slice(4)}` : digits;
}
