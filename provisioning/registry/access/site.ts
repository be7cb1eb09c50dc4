import { isIP } from "node:net";

/** Where the pages stand: what a browser's own statements about itself are held against. */
export interface Site {
	/** The one address under which people sign in. */
	readonly origin: string;
	/** Name that passkeys are bound to; `undefined` where browsers have none: an IP address, or plain http. */
	readonly passkeyName: string | undefined;
	/** Whether browsers keep a Secure cookie of this site: https, or this very machine. */
	readonly isSecure: boolean;
	isOwnOrigin(origin: string): boolean;
	/** @param host as in a Host header. */
	isOwnHost(host: string): boolean;
}

/**
 * The site of a registry by its public address. One that is reached on this machine alone is `localhost` to people: a passkey
 * is bound to a name, and an IP address is none (WebAuthn, "effective domain").
 */
export function siteOf(publicUrl: string): Site {
	const url = new URL(publicUrl);
	if (!isLoopbackName(url.hostname)) {
		const isSecure = url.protocol === "https:";
		const name = url.hostname.replace(/^\[|\]$/g, "");
		return {
			origin: url.origin,
			passkeyName: isSecure && isIP(name) === 0 ? name : undefined,
			isSecure,
			isOwnOrigin: (origin) => origin === url.origin,
			isOwnHost: (host) => host.toLowerCase() === url.host,
		};
	}
	const port = url.port === "" ? "" : `:${url.port}`;
	const hosts = ["localhost", "127.0.0.1", "[::1]"].map((name) => `${name}${port}`);
	return {
		origin: `${url.protocol}//localhost${port}`,
		passkeyName: "localhost",
		isSecure: true,
		isOwnOrigin: (origin) => hosts.some((host) => origin === `${url.protocol}//${host}`),
		isOwnHost: (host) => hosts.includes(host.toLowerCase()),
	};
}

function isLoopbackName(name: string): boolean {
	return name === "localhost" || name === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(name);
}
