/**
 * A loan system beside a registry, small enough to be read: it enters a contract, books a payment under a key, hears what happens by
 * webhook, and compares its books with the registry's page by page. A test runs it against a real registry.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

import { Check } from "typebox/value";
import { type Contract, type ContractRequest, PaymentResult } from "../api.ts";
import { type AdminClient, createAdminClient } from "../clients/admin-client.ts";
import { createRegistryCaller } from "../clients/registry-call.ts";
import { WebhookMessage } from "../webhooks/webhook-event.ts";
import { isFromRegistry } from "./verify-webhook.ts";

const MOST_BODY = 64 * 1024;

export interface LoanSystemOptions {
	/** Base URL of the registry. */
	readonly url: string;
	/** This program's own token: holdfast account program add "loan system" --role agent --to FILE. */
	readonly token: string;
	/** As holdfast webhook add wrote it; two while one is changed for another. */
	readonly webhookSecrets: () => readonly string[];
	/** Seconds since 1970-01-01T00:00:00Z. */
	readonly now: () => number;
}

/** Its own books: what it believes of each contract. */
export interface LoanBooks {
	readonly paidMinor: Map<string, number>;
	/** Last event of each contract: an older one that comes late changes nothing. */
	readonly lastSequence: Map<string, number>;
	/** Ids of events that were taken. In a real system: a unique column, written in the transaction that acts on the event. */
	readonly taken: Set<string>;
}

export interface LoanSystem {
	readonly books: LoanBooks;
	/** Where the registry's webhook goes. */
	readonly webhookUrl: string;
	/** Enters a contract. What phone it goes to is known when a station enrols one: `phone.enrolled` tells of it. */
	enter(contract: ContractRequest): Promise<Contract>;
	/** Books a payment. After any failure: the same again, with the same key. */
	pay(contractId: string, reference: string, amountMinor: number): Promise<PaymentResult>;
	/** Contracts whose paid amount differs from the registry's, such as after a message was lost for good. */
	reconcile(): Promise<readonly string[]>;
	close(): Promise<void>;
}

export async function startLoanSystem(options: LoanSystemOptions): Promise<LoanSystem> {
	const address = { url: options.url, adminToken: options.token };
	const admin = createAdminClient(address);
	const books: LoanBooks = { paidMinor: new Map(), lastSequence: new Map(), taken: new Set() };
	const receiver = createServer((request, response) => {
		receive(request, options, books, admin).then(
			(status) => response.writeHead(status).end(),
			() => response.writeHead(500).end(), // it comes again
		);
	});
	await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
	const { port } = receiver.address() as AddressInfo; // it listens on TCP
	return {
		books,
		webhookUrl: `http://127.0.0.1:${port}/holdfast`,
		enter: (contract) => admin.createContract(contract),
		pay(contractId, reference, amountMinor) {
			const caller = createRegistryCaller({ ...address, fetch: withKey(`payment-${contractId}-${reference}`) });
			const path = `/v1/contracts/${encodeURIComponent(contractId)}/payments`;
			return caller.json({ method: "POST", path, json: { reference, amountMinor }, answer: PaymentResult });
		},
		async reconcile() {
			const wrong: string[] = [];
			for (let after: string | undefined; ; ) {
				const page = await admin.listContracts({ limit: 100, ...(after === undefined ? {} : { after }) });
				for (const { contractId, paidMinor } of page.contracts)
					if ((books.paidMinor.get(contractId) ?? 0) !== paidMinor) wrong.push(contractId);
				if (page.next === undefined) return wrong;
				after = page.next;
			}
		},
		async close() {
			receiver.closeAllConnections();
			await new Promise<void>((resolve) => receiver.close(() => resolve()));
		},
	};
}

/** Names what is done, so that asking again does not do it again. */
function withKey(key: string): typeof fetch {
	return (input, init) =>
		fetch(input, { ...init, headers: { ...Object.fromEntries(new Headers(init?.headers)), "idempotency-key": key } });
}

/** @returns the HTTP status: 2xx only once it was acted on. */
async function receive(
	request: IncomingMessage,
	options: LoanSystemOptions,
	books: LoanBooks,
	admin: AdminClient,
): Promise<number> {
	const body = await bodyOf(request);
	if (body === undefined) return 413;
	if (!isFromRegistry(request.headers, body, options.webhookSecrets(), options.now())) return 401;
	const id = String(request.headers["webhook-id"]);
	if (books.taken.has(id)) return 204; // at least once means: sometimes twice
	const message: unknown = JSON.parse(body.toString("utf8"));
	if (!Check(WebhookMessage, message)) return 400;
	const { contractId } = message.data;
	if (typeof contractId === "string" && message.sequence > (books.lastSequence.get(contractId) ?? 0)) {
		// Thin on purpose: the message says that something happened, the registry says how things stand.
		if (message.type === "payment.recorded") books.paidMinor.set(contractId, (await admin.getContract(contractId)).paidMinor);
		books.lastSequence.set(contractId, message.sequence);
	}
	books.taken.add(id);
	return 204;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
	const chunks: Buffer[] = [];
	let length = 0;
	for await (const chunk of request) {
		const bytes = Buffer.from(chunk);
		length += bytes.length;
		if (length > MOST_BODY) return undefined;
		chunks.push(bytes);
	}
	return Buffer.concat(chunks);
}
