import { type LookupAddress, lookup } from "node:dns";
import type { IncomingMessage } from "node:http";
import { request as overTls } from "node:https";
import { isIP, type LookupFunction } from "node:net";

import type { CustomFetch, CustomFetchOptions } from "openid-client";

import { isReachable } from "../webhooks/reachable-address.ts";

/** Metadata, keys and tokens take some kilobytes; whoever says more is not read on. */
const MOST_READ = 512 * 1024;

type Resolve = (host: string, done: (error: Error | null, addresses: readonly LookupAddress[]) => void) => void;

export interface ProviderFetchOptions {
	readonly issuer: string;
	/** As `host` or `host:port`: besides the issuer's own, what its metadata may name although it is not on the Internet. */
	readonly hosts?: readonly string[] | undefined;
	/** All addresses of a name. Default: the system's. */
	readonly resolve?: Resolve;
	/** Default: Node's, over TLS with certificates verified. */
	readonly request?: typeof overTls;
}

/**
 * How the provider is asked. The lender named the issuer; where its keys are and where codes and the client's secret go, its metadata
 * says, and that may be forged by whoever broke into it: what is neither the issuer's own address nor one that the lender named as well
 * must be https and on the Internet, by every address that its name has, and the connection goes to exactly those. No answer is read
 * further than it can be long.
 *
 * @returns a fetch that follows no redirect and rejects with {Error} for an address or a length that is not taken.
 */
export function createProviderFetch({
	issuer,
	hosts = [],
	resolve = ofSystem,
	request = overTls,
}: ProviderFetchOptions): CustomFetch {
	const own = new URL(issuer).origin;
	return async (address, options) => {
		const url = new URL(address);
		const isNamed = url.origin === own || (url.protocol === "https:" && hosts.includes(url.host));
		if (isNamed) {
			const { body, status, headers } = await fetch(url, options as RequestInit); // the library's own type of the same
			return bounded(body, { status, headers });
		}
		const host = url.hostname.replace(/^\[|\]$/g, "");
		if (url.protocol !== "https:" || (isIP(host) !== 0 && !isReachable(host, false))) throw new NotTaken();
		return outside(request, url, options, resolve);
	};
}

class NotTaken extends Error {
	override readonly name = "ProviderNamesInnerAddress";
}

class TooLong extends Error {
	override readonly name = "ProviderAnswersTooMuch";
}

const ofSystem: Resolve = (host, done) => lookup(host, { all: true }, done);

function outside(
	request: typeof overTls,
	url: URL,
	{ method, headers, body, signal }: CustomFetchOptions,
	resolve: Resolve,
): Promise<Response> {
	const reachable: LookupFunction = (host, { all }, done) =>
		resolve(host, (error, addresses) => {
			const [first] = addresses ?? [];
			if (error || !first) return done(error ?? new NotTaken(), "", 0);
			if (addresses.some(({ address }) => !isReachable(address, false))) return done(new NotTaken(), "", 0);
			return all ? done(null, [...addresses]) : done(null, first.address, first.family);
		});
	return new Promise((settle, reject) => {
		const sent = request(url, { method, headers, lookup: reachable, agent: false, ...(signal ? { signal } : {}) });
		sent.on("error", reject);
		sent.on("response", (answer) => {
			bounded(answer, { status: answer.statusCode ?? 502, headers: headersOf(answer) }).then(settle, reject);
		});
		sent.end(body instanceof URLSearchParams ? body.toString() : body);
	});
}

function headersOf(answer: IncomingMessage): [string, string][] {
	return Object.entries(answer.headers).flatMap(([name, value]) =>
		[value ?? []].flat().map((one): [string, string] => [name, one]),
	);
}

async function bounded(body: AsyncIterable<Uint8Array> | null, init: ResponseInit): Promise<Response> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of body ?? []) {
		length += chunk.byteLength;
		if (length > MOST_READ) throw new TooLong(); // leaving the loop ends the connection
		chunks.push(chunk);
	}
	return new Response(length === 0 ? null : Buffer.concat(chunks), init);
}
