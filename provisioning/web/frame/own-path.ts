/**
 * A path of this very server, or `undefined` for anything else: an address of another site, or a script. What a person is sent
 * on to after signing in comes out of an address that anybody may have made.
 *
 * @param origin such as `https://registry.lender.example`.
 */
export function ownPath(text: string | null | undefined, origin: string): string | undefined {
	// "//host" and "/\host" are other hosts to a browser, which also drops tabs and line breaks before it looks.
	if (!text || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text)) return undefined;
	const url = URL.parse(text, origin);
	return url?.origin === origin ? `${url.pathname}${url.search}${url.hash}` : undefined;
}
