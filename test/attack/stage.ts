import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { FaultError } from "../../provisioning/handset/fault.ts";
import type { EnrollmentOffer } from "../../provisioning/procedure/registry-port.ts";
import type { ProgramRole } from "../../provisioning/registry/access/program-request.ts";
import { createAccessClient } from "../../provisioning/registry/clients/access-client.ts";
import { CLIENT, type FakeProvider, startFakeProvider } from "../provisioning/registry/access/fake-provider.ts";
import { evidence, TestPhone } from "../provisioning/registry/test-phone.ts";
import { ADMIN_TOKEN, contractRequest, startTestRegistry, type TestRegistry } from "../provisioning/registry/test-registry.ts";

/** What attackers find: a registry with contracts and phones, and a folder of their own. Opened once for all of them. */
export interface Stage {
	readonly registry: TestRegistry;
	/** The lender's identity provider: what it says is the attacker's to choose. */
	readonly provider: FakeProvider;
	readonly folder: string;
	/** One of the registry's secrets for payments. */
	readonly paymentSecret: Uint8Array;
	/** A contract with a phone under it. */
	enrolled(contractId: string): Promise<{ phone: TestPhone; offer: EnrollmentOffer; receipt: Uint8Array }>;
	/** A program's token. */
	program(roles: ProgramRole[], station?: string): Promise<string>;
	/** One request, with a token or without. From this machine, or as from another address: limits count each for itself. */
	call(method: string, path: string, options?: CallOptions): Promise<Answer>;
	close(): Promise<void>;
}

export interface CallOptions {
	readonly token?: string;
	readonly json?: unknown;
	readonly body?: Uint8Array | string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly from?: string;
}

export interface Answer {
	readonly status: number;
	/** Of a problem, otherwise empty. */
	readonly code: string;
	readonly text: string;
	readonly headers: Headers;
}

/** Questions a second of one caller: so few that a flood is one on any machine, and more than any honest row asks. */
export const CALLER_RATE = 20;

export async function openStage(): Promise<Stage> {
	const paymentSecret = new Uint8Array(randomBytes(32));
	const provider = await startFakeProvider();
	const registry = await startTestRegistry({
		paymentSecrets: [paymentSecret],
		callerRate: CALLER_RATE,
		provider: { issuer: provider.issuer, name: "Lender ID", ...CLIENT },
	});
	const folder = await mkdtemp(join(tmpdir(), "holdfast-attack-"));
	let programs = 0;
	return {
		registry,
		provider,
		folder,
		paymentSecret,
		async enrolled(contractId) {
			const phone = new TestPhone();
			await registry.admin.createContract(contractRequest(contractId));
			const offer = await registry.port.offerEnrollment(contractId, phone.identity);
			const receipt = await phone.bind(offer);
			await registry.port.confirmEnrollment(offer.enrollmentId, receipt, evidence(contractId));
			return { phone, offer, receipt };
		},
		async program(roles, station) {
			programs += 1;
			const access = createAccessClient({ url: registry.url, adminToken: ADMIN_TOKEN });
			const made = await access.addProgram({ name: `Program ${programs}`, roles, ...(station === undefined ? {} : { station }) });
			return made.token;
		},
		async call(method, path, { token, json, body, headers = {}, from } = {}) {
			if (from !== undefined) {
				const answer = await registry.app.inject({
					method: method as "GET", // what an attack asks for
					url: path,
					remoteAddress: from,
					...(json === undefined ? {} : { payload: json as object }),
				});
				return { status: answer.statusCode, code: codeIn(answer.body), text: answer.body, headers: new Headers() };
			}
			const response = await fetch(`${registry.url}${path}`, {
				method,
				redirect: "manual",
				headers: {
					...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
					...(json === undefined ? {} : { "content-type": "application/json" }),
					...headers,
				},
				...(json === undefined ? {} : { body: JSON.stringify(json) }),
				...(body === undefined ? {} : { body: typeof body === "string" ? body : Uint8Array.from(body) }),
			});
			const text = await response.text();
			return { status: response.status, code: codeIn(text), text, headers: response.headers };
		},
		async close() {
			await registry.close();
			await provider.close();
			await rm(folder, { recursive: true, force: true });
		},
	};
}

function codeIn(text: string): string {
	try {
		const value: unknown = JSON.parse(text);
		const code: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "code") : undefined;
		return typeof code === "string" ? code : "";
	} catch {
		return "";
	}
}

/** `403 FORBIDDEN`. */
export const told = ({ status, code }: Answer): string => `${status} ${code}`.trim();

/** The code that a promise is refused with, or `done`. What is no refusal is thrown on. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
	try {
		await work;
		return "done";
	} catch (error) {
		if (error instanceof FaultError) return error.fault.code;
		throw error;
	}
}

/** `each 403 FORBIDDEN (9)`, or what differs. */
export function each(observed: readonly string[]): string {
	const kinds = [...new Set(observed)].sort();
	if (kinds.length === 1) return `each ${kinds[0]} (${observed.length})`;
	return kinds.map((kind) => `${kind} (${observed.filter((one) => one === kind).length})`).join(", ");
}
