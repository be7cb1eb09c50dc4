/** An address that a lender wrote, if it is one of the web: nothing else may be opened from this page. */
export function webLink(text: string): { readonly href: string; readonly host: string } | undefined {
	if (!URL.canParse(text)) return undefined;
	const { protocol, href, host } = new URL(text);
	return protocol === "https:" || protocol === "http:" ? { href, host } : undefined;
}

/** A telephone number as a link; `undefined` if it is none. */
export function callLink(text: string): string | undefined {
	const digits = text.replace(/[\s().-]/g, "");
	return /^\+?\d{3,20}$/.test(digits) ? `tel:${digits}` : undefined;
}
