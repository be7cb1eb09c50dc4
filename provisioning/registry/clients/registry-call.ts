import type { Static, TSchema } from "typebox";
import { Check } from "typebox/value";
import { FaultError, faultError } from "../../handset/fault.ts";
import { FAULT_CODES, type FaultCode } from "../../handset/fault-codes.ts";
import { Problem } from "../problem-details.ts";

/** Largest answer that is read, in bytes. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** Pauses between attempts, in milliseconds: their number bounds the attempts. A registry that says `Retry-After` is given longer. */
const RETRY_PAUSES_MS = [200, 1000];
/** Nobody waits longer within one call: told to, the call ends at once, and says for how long. */
const LONGEST_PAUSE_MS = 5000;
/** A gateway's, a starting or a busy server's way to say "not now". */
const PASSING_STATUS = new Set([429, 502, 503, 504]);

/** How the registry is reached. */
export interface RegistryAddress {
	/** Base URL: https, or http on a trusted network. */
	readonly url: string;
	/** Bearer token of the admin API: a program's own (`hfp_...`), or the one in `<dataFolder>/admin-token`. */
	readonly adminToken?: string;
	/**
	 * Set by pages, which the registry itself hands out: the browser's session cookie says who asks, and a header that no other
	 * site's page can send says that it is our page.
	 */
	readonly session?: PageSession;
	/** Bearer token of a borrower's session, instead of the admin API's. */
	readonly borrowerToken?: string;
	/** How long one attempt may take, in milliseconds. Default 10,000. */
	readonly deadlineMs?: number;
	/** How often a call that got no answer is made, 1 to 3. Default 3. */
	readonly attempts?: number;
	/** Ends every call early. */
	readonly signal?: AbortSignal;
	/** Default: the platform's. */
	readonly fetch?: typeof fetch;
}

/** What a page does when its session does not suffice. */
export interface PageSession {
	/** Nobody is signed in any more. The call is refused all the same. */
	readonly onSignedOut?: () => void;
	/** The act asks for the passkey again. When this answers true, the call is made once more. */
	readonly stepUp?: () => Promise<boolean>;
}

/** Sent with each call of a page. `poll`: nobody is at it, so that the call does not keep an idle session alive. */
export const PAGE_HEADER = "x-holdfast-request";
export type PageHeaderValue = "1" | "poll";

export interface RegistryCall<Schema extends TSchema> {
	readonly method: "GET" | "POST" | "PATCH" | "DELETE";
	/** Below the base URL, already percent-encoded. */
	readonly path: string;
	readonly json?: unknown;
	readonly answer: Schema;
	/** The page asks by itself, again and again: it does not count as a person being there. */
	readonly isPoll?: boolean;
}

/**
 * Calls the registry. Every call that is made through this is idempotent (by contract, reference, request id or counter),
 * so that one that got no answer is made again, at most twice.
 */
export interface RegistryCaller {
	/** @throws {FaultError} REGISTRY_UNREACHABLE, REGISTRY_UNTRUSTED (an answer of another shape) or what the registry refused with. */
	json<Schema extends TSchema>(call: RegistryCall<Schema>): Promise<Static<Schema>>;
	/** Posts one protobuf message and brings the answer's bytes. */
	protobuf(path: string, body: Uint8Array): Promise<Uint8Array>;
	/** Brings a file. */
	bytes(path: string): Promise<Uint8Array>;
}

export function createRegistryCaller(address: RegistryAddress): RegistryCaller {
	const { deadlineMs = 10_000, fetch: send = fetch } = address;
	const pauses = RETRY_PAUSES_MS.slice(0, (address.attempts ?? 3) - 1);
	const base = address.url.replace(/\/+$/, "");

	async function attempt(path: string, init: RequestInit): Promise<Attempt> {
		const deadline = AbortSignal.timeout(deadlineMs);
		const response = await send(`${base}${path}`, {
			...init,
			redirect: "error", // the token goes where it was meant to go, and nowhere else
			...(address.session ? { credentials: "same-origin" as const } : {}),
			signal: address.signal ? AbortSignal.any([deadline, address.signal]) : deadline,
		});
		const { status, headers } = response;
		return { status, body: await readBounded(response), retryAfterMs: readRetryAfter(headers.get("retry-after")) };
	}

	async function request(path: string, init: RequestInit): Promise<Uint8Array> {
		try {
			return await persist(path, init);
		} catch (error) {
			const reason = reasonOfRefusal(error);
			if (reason === "UNAUTHORIZED") address.session?.onSignedOut?.();
			if (reason !== "STEP_UP_REQUIRED" || !(await address.session?.stepUp?.())) throw error;
			return persist(path, init);
		}
	}

	async function persist(path: string, init: RequestInit): Promise<Uint8Array> {
		for (let attempts = 0; ; attempts += 1) {
			let pauseMs = pauses[attempts];
			try {
				const { status, body, retryAfterMs = 0 } = await attempt(path, init);
				if (status >= 200 && status < 300) return body;
				if (!PASSING_STATUS.has(status) || pauseMs === undefined || retryAfterMs > LONGEST_PAUSE_MS) throw refusal(status, body);
				pauseMs = Math.max(pauseMs, retryAfterMs);
			} catch (error) {
				if (address.signal?.aborted) throw faultError("CANCELLED", {}, { cause: error });
				if (error instanceof AnswerTooLarge) throw faultError("REGISTRY_UNTRUSTED", { raw: error.message }, { cause: error });
				if (isFault(error)) throw error;
				if (pauseMs === undefined)
					throw faultError("REGISTRY_UNREACHABLE", { raw: reasonOf(error), details: { url: base } }, { cause: error });
			}
			await pause(pauseMs, address.signal);
		}
	}

	const token = address.borrowerToken ?? address.adminToken;
	const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
	const pageHeader = (value: PageHeaderValue) => (address.session ? { [PAGE_HEADER]: value } : {});
	return {
		async json({ method, path, json, answer, isPoll = false }) {
			const body = await request(path, {
				method,
				headers: {
					accept: "application/json",
					...authorization,
					...pageHeader(isPoll ? "poll" : "1"),
					...(json === undefined ? {} : { "content-type": "application/json" }),
				},
				...(json === undefined ? {} : { body: JSON.stringify(json) }),
			});
			const value = parseJson(body);
			if (!Check(answer, value))
				throw faultError("REGISTRY_UNTRUSTED", { raw: `the answer to ${method} ${path} has another shape` });
			return value;
		},
		protobuf: (path, body) =>
			request(path, {
				method: "POST",
				headers: { accept: "application/x-protobuf", "content-type": "application/x-protobuf", ...pageHeader("1") },
				body: Uint8Array.from(body), // a copy whose buffer is surely not shared
			}),
		bytes: (path) =>
			request(path, { method: "GET", headers: { accept: "application/octet-stream", ...authorization, ...pageHeader("1") } }),
	};
}

interface Attempt {
	readonly status: number;
	readonly body: Uint8Array;
	readonly retryAfterMs: number | undefined;
}

/** Seconds alone: a registry says no dates. */
function readRetryAfter(header: string | null): number | undefined {
	return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}

class AnswerTooLarge extends Error {}

async function readBounded(response: Response): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	const reader = response.body?.getReader();
	if (!reader) return new Uint8Array();
	for (let next = await reader.read(); !next.done; next = await reader.read()) {
		length += next.value.length;
		if (length > MAX_ANSWER_BYTES) {
			await reader.cancel();
			throw new AnswerTooLarge(`an answer of more than ${MAX_ANSWER_BYTES} bytes`);
		}
		chunks.push(next.value);
	}
	const body = new Uint8Array(length);
	let offset = 0;
	for (const chunk of chunks) {
		body.set(chunk, offset);
		offset += chunk.length;
	}
	return body;
}

function parseJson(body: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder().decode(body));
	} catch {
		return undefined;
	}
}

/** The fault that a refusal means. Codes that are the registry's own become REGISTRY_REFUSED with the code as `reason`. */
function refusal(status: number, body: Uint8Array): FaultError {
	const problem = parseJson(body);
	if (!Check(Problem, problem)) {
		return faultError(status >= 500 ? "REGISTRY_UNREACHABLE" : "REGISTRY_UNTRUSTED", {
			raw: `HTTP status ${status} without an explanation`,
		});
	}
	const details = { ...problem.details, detail: problem.detail, next: problem.next };
	if (isFaultCode(problem.code)) return faultError(problem.code, { raw: problem.detail, details });
	// Asked too often is "not now" as well: what was asked is not refused, and whoever keeps something for later keeps it.
	const code = status >= 500 || status === 429 ? "REGISTRY_UNREACHABLE" : "REGISTRY_REFUSED";
	return faultError(code, { raw: problem.detail, details: { ...details, reason: problem.code } });
}

/** The registry's own code in what it refused with, such as UNAUTHORIZED. */
export function reasonOfRefusal(error: unknown): string | undefined {
	const reason = error instanceof FaultError ? error.fault.details?.["reason"] : undefined;
	return typeof reason === "string" ? reason : undefined;
}

function isFaultCode(code: string): code is FaultCode {
	const codes: readonly string[] = FAULT_CODES;
	return codes.includes(code);
}

function isFault(error: unknown): boolean {
	return error instanceof Error && error.name === "FaultError";
}

function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return "no answer";
	// fetch hides what happened behind "fetch failed".
	return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
	await new Promise<void>((resolve) => {
		const timer = setTimeout(resolve, milliseconds);
		signal?.addEventListener("abort", () => {
			clearTimeout(timer);
			resolve();
		});
	});
}
