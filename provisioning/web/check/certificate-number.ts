/** A certificate's number as people type it: small letters, blanks anywhere, dashes of any kind. `undefined` if it is none. */
export function readCertificateNumber(typed: string): string | undefined {
	const plain = typed.toUpperCase().replace(/[\s\u2010-\u2015\u2212-]/gu, "");
	const [, digits] = /^HF([0-9A-F]{16})$/.exec(plain) ?? [];
	return digits === undefined ? undefined : `HF-${digits}`;
}

/** The number of a paper's QR code, `#certificate=HF-...`. What stands behind a `#` is never sent by a browser. */
export function certificateIn(hash: string): string {
	return readCertificateNumber(new URLSearchParams(hash.replace(/^#/, "")).get("certificate") ?? "") ?? "";
}
