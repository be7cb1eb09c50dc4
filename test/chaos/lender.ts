import { setTimeout as pause } from "node:timers/promises";

import { FaultError } from "../../provisioning/handset/fault.ts";
import type { RegistryPort } from "../../provisioning/procedure/registry-port.ts";
import { type AdminClient, createAdminClient } from "../../provisioning/registry/clients/admin-client.ts";
import { createRegistryClient } from "../../provisioning/registry/clients/registry-client.ts";
import { GIVE_UP_MS, type Journal, pausesMs, recordingFetch } from "./journal.ts";
import { type EnrolledPhone, enrolPhone, INSTALMENT_MINOR, nodeCrypto, TOTAL_MINOR } from "./phones.ts";

/** The lender's systems. */
export interface Lender {
	readonly admin: AdminClient;
	readonly port: RegistryPort;
	/** Asks until it is answered: what was asked already is asked in the same words. @throws what the registry refuses for good. */
	until<Answer>(ask: () => Promise<Answer>): Promise<Answer>;
}

export interface LenderOptions {
	readonly url: string;
	readonly adminToken: string;
	readonly journal: Journal;
	readonly random: () => number;
	/** Nobody waits for anything any more. */
	readonly givenUp: AbortSignal;
}

export function makeLender(
	{ url, adminToken, journal, random, givenUp }: LenderOptions,
	kind: "payment" | "order" | "enrolment",
): Lender {
	const address = { url, adminToken, deadlineMs: GIVE_UP_MS, attempts: 1, fetch: recordingFetch(journal, kind) };
	return {
		admin: createAdminClient(address),
		port: createRegistryClient({ ...address, crypto: nodeCrypto }),
		async until(ask) {
			for (const nextMs = pausesMs(random); ; await pause(nextMs())) {
				try {
					return await ask();
				} catch (error) {
					if (!isPassing(error) || givenUp.aborted) throw error;
				}
			}
		},
	};
}

/** No answer, or a server's way to say "not now". */
function isPassing(error: unknown): boolean {
	return error instanceof FaultError && error.fault.code === "REGISTRY_UNREACHABLE";
}

/** Books payments, issues orders and enrols phones, so many of each a second, until it is over and all is answered. */
export async function lend(
	options: LenderOptions & { perSecond: { payments: number; orders: number; enrolments: number }; isOver: () => boolean },
	phones: readonly EnrolledPhone[],
): Promise<void> {
	const { journal, random, perSecond, isOver } = options;
	const paid = new Map<string, number>();
	let serial = 0;
	const anyPhone = () => {
		const phone = phones[Math.floor(random() * phones.length)];
		if (!phone) throw new Error("there are no phones");
		return phone;
	};
	const payments = makeLender(options, "payment");
	const orders = makeLender(options, "order");
	const enrolments = makeLender(options, "enrolment");

	async function pay(): Promise<void> {
		const { contractId } = anyPhone();
		const amountMinor = 1 + Math.floor(random() * INSTALMENT_MINOR);
		const sum = (paid.get(contractId) ?? 0) + amountMinor;
		if (sum >= TOTAL_MINOR) return; // not the last one: a closed contract takes no more orders
		paid.set(contractId, sum);
		const reference = `payment-${serial++}`;
		await payments.until(() => payments.admin.recordPayment(contractId, { reference, amountMinor }));
		journal.acknowledged.push({ kind: "payment", atMs: performance.now(), contractId, reference, amountMinor });
	}

	async function order(): Promise<void> {
		const { contractId } = anyPhone();
		const requestId = `order-${serial++}`;
		const { epoch, sequence, envelope } = await orders.until(() =>
			orders.admin.issueOrder(contractId, {
				action: "notice",
				noticeId: requestId,
				kind: "information",
				texts: [{ language: "en", text: "Your shop is open on Sunday." }],
				reason: "goodwill",
				requestId,
			}),
		);
		journal.acknowledged.push({ kind: "order", atMs: performance.now(), contractId, requestId, epoch, sequence, envelope });
	}

	const enrol = async () => void (await enrolPhone(`N-${serial++}`, enrolments, journal));

	/** Whether the answers keep up or not: while they do not, more and more wait, as they would. */
	async function steadily(rate: number, act: () => Promise<void>): Promise<void> {
		const underWay = new Set<Promise<void>>();
		while (!isOver()) {
			await pause((1000 / rate) * (0.5 + random()));
			const one = act()
				.catch((error: unknown) => {
					if (options.givenUp.aborted) return;
					journal.wrong.push({ atMs: performance.now(), what: `the lender: ${error instanceof Error ? error.message : "?"}` });
				})
				.finally(() => underWay.delete(one));
			underWay.add(one);
		}
		await Promise.all(underWay);
	}
	await Promise.all([
		steadily(perSecond.payments, pay),
		steadily(perSecond.orders, order),
		steadily(perSecond.enrolments, enrol),
	]);
}
