import { lookup as systemLookup } from "node:dns/promises";
import { type ClientRequest, type IncomingMessage, request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import type { LookupFunction } from "node:net";

import { bareHost, endpointUrl } from "./endpoint-url.ts";
import { isReachable } from "./reachable-address.ts";

/** One attempt: name, connection, request and answer together. In milliseconds. */
export const ATTEMPT_DEADLINE_MS = 15_000;
/** How much of an answer is read at all, in bytes, and how much is kept for people, in characters. */
const [MOST_READ, MOST_KEPT] = [2048, 200];
const MOST_HEADERS = 8 * 1024;

/** What came of one attempt. */
export interface PostResult {
	/** `undefined`: no answer. */
	readonly status?: number;
	/** Why there was none. */
	readonly why?: string;
	/** How the answer began, printable ASCII alone. */
	readonly answer?: string;
	/** The endpoint asks for so long a pause. */
	readonly retryAfterSeconds?: number;
}

export interface ResolvedAddress {
	readonly address: string;
	readonly family: number;
}

export interface PostPorts {
	/** Also http, and addresses of this machine: for trying things out. */
	readonly allowLoopback: boolean;
	/** All addresses of a name. Default: the system's. */
	readonly resolve?: (host: string) => Promise<readonly ResolvedAddress[]>;
	/** Default: {@link ATTEMPT_DEADLINE_MS}. */
	readonly deadlineMs?: number;
}

/** What is sent. */
export interface Post {
	readonly url: string;
	readonly body: string;
	readonly headers: Readonly<Record<string, string>>;
}

/**
 * Posts a message once. Never throws. The address comes from a person, and the name in it from a name server that we do not know:
 * every address that the name has must be one that anybody on the Internet reaches, and the connection goes to exactly those, so that
 * no second answer of the name server counts. Redirects are an answer like any other and are not followed.
 */
export async function post(message: Post, ports: PostPorts, signal: AbortSignal): Promise<PostResult> {
	const deadlineMs = ports.deadlineMs ?? ATTEMPT_DEADLINE_MS;
	const deadline = AbortSignal.any([AbortSignal.timeout(deadlineMs), signal]);
	try {
		const url = endpointUrl(message.url, ports.allowLoopback);
		const addresses = await reachableAddresses(url, ports, deadline);
		return await send(url, message, addresses, deadline);
	} catch (error) {
		if (deadline.aborted) return { why: signal.aborted ? "this registry was stopped" : "no answer in time" };
		return { why: printable(error instanceof Error ? error.message : "no answer") };
	}
}

async function reachableAddresses(url: URL, ports: PostPorts, deadline: AbortSignal): Promise<readonly ResolvedAddress[]> {
	const resolve = ports.resolve ?? ((host: string) => systemLookup(host, { all: true }));
	const found = await until(resolve(bareHost(url)), deadline);
	// One that is not allowed spoils all: a name with a public and a private address is no oversight.
	if (found.length === 0 || found.some(({ address }) => !isReachable(address, ports.allowLoopback)))
		throw new Error("the name leads to an address that is not on the Internet");
	// Plain http never leaves this machine, whatever a name server says.
	if (url.protocol === "http:" && found.some(({ address }) => isReachable(address, false)))
		throw new Error("http is for this machine alone");
	return found;
}

function send(
	url: URL,
	{ body, headers }: Post,
	addresses: readonly ResolvedAddress[],
	signal: AbortSignal,
): Promise<PostResult> {
	const bytes = Buffer.from(body, "utf8");
	const pinned: LookupFunction = (_host, options, done) => {
		const [first] = addresses;
		if (options.all) done(null, [...addresses]);
		else if (first) done(null, first.address, first.family);
		else done(new Error("no address"), "", 0);
	};
	return new Promise((resolve, reject) => {
		const request: ClientRequest = (url.protocol === "https:" ? overHttps : overHttp)(url, {
			method: "POST",
			headers: {
				"content-type": "application/json",
				"content-length": bytes.length,
				"user-agent": "holdfast-registry",
				accept: "*/*",
				...headers,
			},
			lookup: pinned,
			agent: false, // no connection that somebody else opened
			maxHeaderSize: MOST_HEADERS,
			signal,
		});
		request.on("error", reject);
		request.on("response", (response) => {
			readStart(response).then((start) => resolve(resultOf(response, start)), reject);
		});
		request.end(bytes);
	});
}

/** The first bytes of an answer; the connection is closed after them, whatever else would come. */
async function readStart(response: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let length = 0;
	try {
		for await (const chunk of response) {
			const bytes = Buffer.from(chunk); // a response without an encoding gives buffers
			chunks.push(bytes);
			length += bytes.length;
			if (length >= MOST_READ) break;
		}
	} finally {
		response.destroy();
	}
	return Buffer.concat(chunks).subarray(0, MOST_READ);
}

function resultOf(response: IncomingMessage, start: Buffer): PostResult {
	const status = response.statusCode ?? 0;
	const answer = printable(start.toString("latin1"));
	const retryAfterSeconds = retryAfter(response.headers["retry-after"], response.headers.date);
	return {
		status,
		...(answer === "" ? {} : { answer }),
		...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
	};
}

/** RFC 9110 section 10.2.3: seconds, or a date, which is read by the clock of whoever wrote it. */
function retryAfter(header: string | undefined, date: string | undefined): number | undefined {
	if (header === undefined) return undefined;
	if (/^\d{1,9}$/.test(header)) return Number(header);
	const [at, from] = [Date.parse(header), Date.parse(date ?? "")];
	return Number.isNaN(at) || Number.isNaN(from) ? undefined : Math.max(0, Math.ceil((at - from) / 1000));
}

/** Words of others, as they may stand in a log, a terminal and a page. */
function printable(text: string): string {
	return text
		.replace(/[^\x20-\x7e]+/g, " ")
		.trim()
		.slice(0, MOST_KEPT);
}

function until<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
	return new Promise((resolve, reject) => {
		if (signal.aborted) reject(new Error("aborted"));
		signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
		work.then(resolve, reject);
	});
}
