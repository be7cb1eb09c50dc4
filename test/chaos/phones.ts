import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

import { createNodeCrypto } from "../../provisioning/registry/node-crypto.ts";
import { evidence, TestPhone } from "../provisioning/registry/test-phone.ts";
import { GIVE_UP_MS, type Journal, pausesMs, recordingFetch } from "./journal.ts";
import type { Lender } from "./lender.ts";

/** A phone of a contract, enrolled through the registry's own door. */
export interface EnrolledPhone {
	readonly phone: TestPhone;
	readonly contractId: string;
	readonly deviceId: string;
}

/** Enters a contract and enrols a phone for it, each step again until it is answered. */
export async function enrolPhone(contractId: string, { admin, port, until }: Lender, journal: Journal): Promise<EnrolledPhone> {
	const phone = new TestPhone();
	await until(() => admin.createContract(contractOf(contractId)));
	const offer = await until(() => port.offerEnrollment(contractId, phone.identity));
	const receipt = await phone.bind(offer);
	await until(() => port.confirmEnrollment(offer.enrollmentId, receipt, evidence(contractId)));
	const { deviceId } = offer;
	journal.acknowledged.push({ kind: "enrolment", atMs: performance.now(), contractId, deviceId, receipt });
	return { phone, contractId, deviceId };
}

/**
 * A phone that checks in again and again, as the agent does: a check-in without an answer is sent again, the same bytes under the same
 * counter, until it has one; then its orders are taken, and the next check-in says what became of them.
 */
export async function liveOn(
	{ phone, deviceId }: EnrolledPhone,
	options: { url: string; everyMs: number; journal: Journal; isOver: () => boolean; random: () => number; givenUp: AbortSignal },
): Promise<void> {
	const { url, everyMs, journal, isOver, random, givenUp } = options;
	const send = recordingFetch(journal, "check-in");
	const wrong = (what: string) => journal.wrong.push({ atMs: performance.now(), what: `phone ${deviceId}: ${what}` });
	await pause(random() * everyMs);
	while (!isOver()) {
		const nonce = randomBytes(16);
		const envelope = await phone.checkIn({ nonce });
		const answer = await untilAnswered(envelope);
		if (answer) {
			journal.acknowledged.push({ kind: "check-in", atMs: performance.now(), deviceId, counter: phone.counter, envelope });
			phone.outcomes = []; // those that were sent are known now
			try {
				const reply = phone.takeReply(answer);
				const isOwn = reply.counter === phone.counter && reply.deviceId === deviceId && nonce.equals(reply.nonce);
				if (!isOwn) wrong(`the reply to check-in ${phone.counter} is another's`);
			} catch (error) {
				wrong(error instanceof Error ? error.message : "a reply that cannot be read");
			}
		}
		await pause(everyMs * (0.5 + random()));
	}

	async function untilAnswered(envelope: Uint8Array): Promise<Uint8Array | undefined> {
		for (const nextMs = pausesMs(random); !givenUp.aborted; await pause(nextMs())) {
			try {
				const response = await send(`${url}/v1/device/check-in`, {
					method: "POST",
					headers: { "content-type": "application/x-protobuf" },
					body: Uint8Array.from(envelope),
					signal: AbortSignal.timeout(GIVE_UP_MS),
				});
				if (response.status === 200) return new Uint8Array(await response.arrayBuffer());
				if (response.status < 500 && response.status !== 429) {
					// The registry knows a later counter, or not the phone: it knows more than was told, or less.
					wrong(`check-in ${phone.counter} was answered with ${response.status} ${(await response.text()).slice(0, 200)}`);
					return undefined;
				}
			} catch {
				// no answer: as refused
			}
		}
		return undefined;
	}
}

const DAY = 24 * 3600;
const INSTALMENTS = 120;
export const INSTALMENT_MINOR = 10;
/** What a contract costs. */
export const TOTAL_MINOR = INSTALMENTS * INSTALMENT_MINOR;
const FIRST_DUE = Math.ceil(Date.now() / 1000 / DAY + 1) * DAY;

/** Small instalments, so that many payments each move the phone on. */
function contractOf(contractId: string) {
	return {
		contractId,
		terms: {
			lenderName: "Banco de Prueba",
			accountShown: "00-1001",
			currency: "MXN",
			instalments: Array.from({ length: INSTALMENTS }, (_, index) => ({
				dueAtUnixSeconds: FIRST_DUE + index * DAY,
				amountMinor: INSTALMENT_MINOR,
			})),
			contact: { supportPhone: "+525512345678", payUrl: "https://lender.example/pay" },
			languages: ["es", "en"],
		},
		consent: { language: "es", givenAtUnixSeconds: FIRST_DUE - 2 * DAY, method: "on_device" as const },
	};
}

export const nodeCrypto = createNodeCrypto();
