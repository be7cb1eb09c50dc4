import { isLoopback } from "../http/admin-token.ts";
import { refusal } from "../refusal.ts";

const MAX_URL_LENGTH = 500;

/**
 * Reads the address of an endpoint: https, or with `allowLoopback` also http to this machine. Who may be reached under it is decided at
 * every attempt, by the addresses that its name has then: `reachable-address.ts`.
 *
 * @throws {Refusal} BAD_REQUEST.
 */
export function endpointUrl(text: string, allowLoopback: boolean): URL {
	const refused = (why: string) =>
		refusal(
			"BAD_REQUEST",
			`The endpoint's address ${why}.`,
			"Give an https address that the Internet reaches, without a password.",
		);
	if (text.length > MAX_URL_LENGTH || !URL.canParse(text)) throw refused("is not a URL, or longer than 500 characters");
	const url = new URL(text);
	if (url.username !== "" || url.password !== "") throw refused("holds a password; messages are signed instead");
	if (url.hash !== "") throw refused("has a fragment, which is never sent");
	const isHere = allowLoopback && url.protocol === "http:" && isLoopback(bareHost(url));
	if (url.protocol !== "https:" && !isHere) throw refused("is not https");
	return url;
}

/** The host without the brackets of an IPv6 address. */
export function bareHost({ hostname }: URL): string {
	return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}
