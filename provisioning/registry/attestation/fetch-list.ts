import { promises as dns, type LookupAddress } from "node:dns";
import { request as httpsRequest } from "node:https";
import { BlockList, isIP } from "node:net";

import { MAX_LIST_BYTES } from "./google-lists.ts";
import { TrustError } from "./trust.ts";

const DEADLINE_MS = 30_000;

/** Addresses of nobody, of this machine and of private networks (RFC 6890 and the IANA registries). */
const NOT_PUBLIC: readonly (readonly [string, number])[] = [
	...([
		["0.0.0.0", 8],
		["10.0.0.0", 8],
		["100.64.0.0", 10],
		["127.0.0.0", 8],
		["169.254.0.0", 16],
		["172.16.0.0", 12],
	] as const),
	...([
		["192.0.0.0", 24],
		["192.0.2.0", 24],
		["192.88.99.0", 24],
		["192.168.0.0", 16],
		["198.18.0.0", 15],
	] as const),
	...([
		["198.51.100.0", 24],
		["203.0.113.0", 24],
		["224.0.0.0", 3],
	] as const),
];
/** Of IPv6, what carries other addresses inside: documentation, Teredo, 6to4. All that is not 2000::/3 is refused anyway. */
const NOT_PUBLIC_6: readonly (readonly [string, number])[] = [
	["2001::", 23],
	["2001:db8::", 32],
	["2002::", 16],
	["3fff::", 20],
];

/** Whether an address is one of the public internet. */
export function isPublicAddress(address: string): boolean {
	const refused = new BlockList();
	for (const [net, prefix] of NOT_PUBLIC) refused.addSubnet(net, prefix, "ipv4");
	for (const [net, prefix] of NOT_PUBLIC_6) refused.addSubnet(net, prefix, "ipv6");
	const family = isIP(address);
	if (family === 4) return !refused.check(address, "ipv4");
	if (family !== 6) return false;
	const global = new BlockList();
	global.addSubnet("2000::", 3, "ipv6");
	return global.check(address, "ipv6") && !refused.check(address, "ipv6");
}

export interface FetchListOptions {
	readonly signal?: AbortSignal | undefined;
	/** For all of it, in milliseconds. Default: 30,000. */
	readonly deadlineMs?: number;
	/** Default: the system's resolver. */
	readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
	/** Default: Node's, over TLS with certificates verified. */
	readonly request?: typeof httpsRequest;
	/** Default: {@link isPublicAddress}. */
	readonly isAllowed?: (address: string) => boolean;
}

/**
 * Fetches a list: over https alone, from the public internet alone, from the address that was asked for and no other (no redirect), in
 * bounded time and size. Names are resolved once, and the connection goes to the address that was looked at.
 *
 * @throws {TrustError}
 */
export async function fetchList(url: URL, options: FetchListOptions = {}): Promise<string> {
	const { resolve = (host) => dns.lookup(host, { all: true }), isAllowed = isPublicAddress, deadlineMs = DEADLINE_MS } = options;
	if (url.protocol !== "https:") throw new TrustError(`${url.protocol}// is not taken, only https://`);
	if (url.username !== "" || url.password !== "") throw new TrustError("an address with a password in it is not taken");
	const deadline = AbortSignal.timeout(deadlineMs);
	const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline;
	const host = url.hostname.replace(/^\[|\]$/g, "");
	const addresses = await Promise.race([resolved(host, resolve), aborted(signal)]);
	const [address] = addresses;
	if (!address || !addresses.every((each) => isAllowed(each.address)))
		throw new TrustError(`${host} is not on the public internet`);
	return get(url, host, address, options.request ?? httpsRequest, signal);
}

async function resolved(host: string, resolve: NonNullable<FetchListOptions["resolve"]>): Promise<readonly LookupAddress[]> {
	const family = isIP(host);
	if (family !== 0) return [{ address: host, family }];
	return resolve(host).catch((cause: unknown) => {
		throw new TrustError(`${host} cannot be resolved`, { cause });
	});
}

function aborted(signal: AbortSignal): Promise<never> {
	return new Promise((_, reject) => {
		const stop = () => reject(new TrustError("it took too long, or was stopped"));
		if (signal.aborted) stop();
		else signal.addEventListener("abort", stop, { once: true });
	});
}

function get(url: URL, host: string, at: LookupAddress, request: typeof httpsRequest, signal: AbortSignal): Promise<string> {
	return new Promise((resolve, reject) => {
		const fail = (why: string, cause?: unknown) => reject(new TrustError(why, { cause }));
		const sent = request(
			{
				host,
				port: url.port === "" ? 443 : Number(url.port),
				path: `${url.pathname}${url.search}`,
				headers: { accept: "application/json", "accept-encoding": "identity" },
				agent: false,
				signal,
				// The name was looked at already: it must not be asked again and mean another machine.
				lookup: (_host, { all }, done) => (all ? done(null, [at]) : done(null, at.address, at.family)),
			},
			(answer) => {
				if (answer.statusCode !== 200) {
					answer.destroy();
					return fail(`${host} answered ${answer.statusCode ?? "nothing"}`);
				}
				const parts: Buffer[] = [];
				let bytes = 0;
				answer.on("data", (part: Buffer) => {
					bytes += part.length;
					parts.push(part);
					if (bytes <= MAX_LIST_BYTES) return;
					fail("the list is too large");
					sent.destroy();
				});
				answer.on("error", (cause) => fail("it broke off", cause));
				answer.on("end", () => resolve(Buffer.concat(parts).toString("utf8")));
				return undefined;
			},
		);
		sent.on("error", (cause) => fail(signal.aborted ? "it took too long, or was stopped" : `${host} cannot be reached`, cause));
		sent.end();
	});
}
