import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { requestNumber } from "../../../../proto/request-number.ts";
import { wire } from "../../../../proto/wire.ts";
import { evidence, TestPhone } from "../test-phone.ts";
import { ADMIN_TOKEN, contractRequest, DAY, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";

const { STANDING_UNLOCKED, STANDING_LOCKED_FULL, STANDING_RELEASED } = wire.Standing;

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
});
afterAll(() => registry.close());
beforeEach(() => {
	registry.now = START;
});

interface Answer {
	readonly status: number;
	readonly body: unknown;
}

async function call(method: "GET" | "POST" | "DELETE", path: string, json?: unknown, token?: string): Promise<Answer> {
	const response = await fetch(`${registry.url}${path}`, {
		method,
		headers: {
			...(json === undefined ? {} : { "content-type": "application/json" }),
			...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
		},
		...(json === undefined ? {} : { body: JSON.stringify(json) }),
	});
	return { status: response.status, body: await response.json() };
}

/** A phone under a contract that was heard of, and a signed-in borrower. */
async function borrower(contractId: string) {
	await registry.admin.createContract(contractRequest(contractId));
	const phone = new TestPhone();
	const offer = await registry.port.offerEnrollment(contractId, phone.identity);
	await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence(contractId));
	await reports(phone, {});
	const { code } = await codeFor(contractId);
	const { body } = await call("POST", "/v1/borrower/session", { contractId, code });
	const { token } = body as { token: string }; // as the schema says
	return { phone, code, token, imei: phone.identity.imei1 };
}

async function codeFor(contractId: string, renew = false): Promise<{ code: string }> {
	const { body } = await call("POST", `/v1/contracts/${contractId}/borrower-code`, { renew }, ADMIN_TOKEN);
	return body as { code: string }; // as the schema says
}

async function reports(phone: TestPhone, status: wire.DeviceStatus.$Properties): Promise<void> {
	const told = { standing: STANDING_UNLOCKED, codeCounter: 3, codeNonce: 417, ...status };
	phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn({ status: told })));
}

describe("a borrower", () => {
	test("opens the own contract, and no other, with its number and the code of the receipt", async () => {
		const { token, code } = await borrower("B-1");
		await borrower("B-2");
		expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-Z]$/);
		const { status, body } = await call("GET", "/v1/borrower/contract", undefined, token);
		expect(status).toBe(200);
		expect(body).toMatchObject({
			contractId: "B-1",
			lenderName: "Banco de Prueba",
			totalMinor: 3000,
			findings: ["nothing_wrong"],
		});
		expect((await call("POST", "/v1/borrower/session", { contractId: "B-2", code })).status).toBe(401);
	});

	test("who signs out is out: the token opens nothing any more, another one stays, and the log has both", async () => {
		const { token, code } = await borrower("B-OUT");
		const { body } = await call("POST", "/v1/borrower/session", { contractId: "B-OUT", code });
		const { token: other } = body as { token: string }; // as the schema says
		expect((await call("DELETE", "/v1/borrower/session", undefined, token)).status).toBe(200);
		const see = async (which: string) => (await call("GET", "/v1/borrower/contract", undefined, which)).status;
		expect([await see(token), await see(other)]).toEqual([401, 200]);
		expect((await call("DELETE", "/v1/borrower/session", undefined, token)).status).toBe(401);
		const { rows } = await registry.database.pool.query(
			"SELECT action FROM audit_log WHERE subject = 'B-OUT' AND actor = 'borrower' ORDER BY entry",
		);
		expect(rows.map(({ action }: { action: string }) => action)).toEqual([
			"borrower.signed_in",
			"borrower.signed_in",
			"borrower.signed_out",
		]);
	});

	test("may type the code as people type", async () => {
		const { code } = await borrower("B-3");
		const typed = ` ${code.toLowerCase().replaceAll("-", " ").replaceAll("0", "o")} `;
		expect((await call("POST", "/v1/borrower/session", { contractId: "B-3", code: typed })).status).toBe(200);
	});

	test("hears the same of a contract that there is not as of a wrong code", async () => {
		const { code } = await borrower("B-4");
		const unknown = await call("POST", "/v1/borrower/session", { contractId: "B-NONE", code });
		const wrong = await call("POST", "/v1/borrower/session", { contractId: "B-4", code: "0000-0000-0000-0" });
		expect(unknown.status).toBe(401);
		expect(unknown.body).toEqual(wrong.body);
	});

	test("is signed out after half an hour, and signs in again", async () => {
		const { token, code } = await borrower("B-5");
		registry.now += 29 * 60;
		expect((await call("GET", "/v1/borrower/contract", undefined, token)).status).toBe(200);
		registry.now += 2 * 60;
		expect((await call("GET", "/v1/borrower/contract", undefined, token)).status).toBe(401);
		expect((await call("POST", "/v1/borrower/session", { contractId: "B-5", code })).status).toBe(200);
	});

	test("is shut out by no stranger who tries the contract's number again and again", async () => {
		const { code } = await borrower("B-15");
		const signIn = async (remoteAddress: string, typed: string) => {
			const payload = { contractId: "B-15", code: typed };
			return (await registry.app.inject({ method: "POST", url: "/v1/borrower/session", remoteAddress, payload })).statusCode;
		};
		const tries: number[] = [];
		await registry.inNoTime(async () => {
			for (let count = 0; count < 11; count += 1) tries.push(await signIn("203.0.113.7", "0000-0000-0000"));
			expect(tries.slice(-2)).toEqual([401, 429]);
			expect(await signIn("203.0.113.8", code)).toBe(200);
		});
	});

	test("keeps strangers out with a new code, who had the old one or were signed in with it", async () => {
		const { token, code } = await borrower("B-6");
		expect((await codeFor("B-6")).code).toBe(code);
		const renewed = (await codeFor("B-6", true)).code;
		expect(renewed).not.toBe(code);
		expect((await call("POST", "/v1/borrower/session", { contractId: "B-6", code })).status).toBe(401);
		expect((await call("GET", "/v1/borrower/contract", undefined, token)).status).toBe(401);
	});

	test("has a token that nobody can write but the registry", async () => {
		const { token } = await borrower("B-7");
		const [body = "", signature = ""] = token.split(".");
		const other = Buffer.from(JSON.stringify(["B-1", 1, START + 9999])).toString("base64url");
		for (const forged of [`${other}.${signature}`, `${body}.${"A".repeat(43)}`, body, ADMIN_TOKEN, "", `${token}x`])
			expect([forged, (await call("GET", "/v1/borrower/contract", undefined, forged)).status]).toEqual([forged, 401]);
		expect((await call("GET", "/v1/contracts/B-7", undefined, token)).status).toBe(401);
	});

	test("sees nothing of the registry's inside: no IMEI in full, no key, no envelope", async () => {
		const { token, imei } = await borrower("B-8");
		const text = JSON.stringify((await call("GET", "/v1/borrower/contract", undefined, token)).body);
		expect(text).toContain(imei.slice(-4));
		expect(text).not.toContain(imei);
		expect(text).not.toMatch(/envelope|deviceKey|deviceId|codeKey/i);
	});
});

describe("a borrower who has paid and is still locked", () => {
	test("reads why, and carries what is paid to the phone with a code", async () => {
		const { phone, token } = await borrower("P-1");
		registry.now = START + 40 * DAY;
		await reports(phone, {
			standing: STANDING_LOCKED_FULL,
			causes: [wire.LockCause.LOCK_CAUSE_OVERDUE],
			paidUntilUnixSeconds: START + 30 * DAY,
		});
		const signIn = async () => {
			const { code } = await codeFor("P-1");
			const { body } = await call("POST", "/v1/borrower/session", { contractId: "P-1", code });
			return (body as { token: string }).token; // as the schema says
		};
		expect((await call("GET", "/v1/borrower/contract", undefined, token)).status).toBe(401);
		const later = await signIn();
		expect((await call("GET", "/v1/borrower/contract", undefined, later)).body).toMatchObject({
			findings: ["not_paid"],
			mayAskCode: false,
		});
		const question = { requestNumber: requestNumber({ counter: 3, nonce: 417 }) };
		expect((await call("POST", "/v1/borrower/codes", question, later)).body).toMatchObject({ code: "CODE_REFUSED" });

		await registry.admin.recordPayment("P-1", { reference: "pay-1", amountMinor: 2000 });
		expect((await call("GET", "/v1/borrower/contract", undefined, later)).body).toMatchObject({
			findings: ["unlock_on_its_way"],
			mayAskCode: true,
			payments: [{ reference: "pay-1", amountMinor: 2000 }],
			instalments: [{ paidMinor: 1000 }, { paidMinor: 1000 }, { paidMinor: 0 }],
		});
		const first = await call("POST", "/v1/borrower/codes", question, later);
		expect(first.body).toMatchObject({ kind: "set", value: 50 });
		expect(await call("POST", "/v1/borrower/codes", question, later)).toEqual(first);
	});

	test("is told of each cause that the phone names, and never that nothing is wrong", async () => {
		const { LOCK_CAUSE_OFFLINE, LOCK_CAUSE_ORDERED, LOCK_CAUSE_OBSERVED } = wire.LockCause;
		const named: [wire.LockCause, string][] = [
			[LOCK_CAUSE_OFFLINE, "offline_lock"],
			[LOCK_CAUSE_ORDERED, "ordered_lock"],
			[LOCK_CAUSE_OBSERVED, "observed_lock"],
		];
		for (const [cause, finding] of named) {
			const { phone, token } = await borrower(`P-3-${cause}`);
			await reports(phone, { standing: STANDING_LOCKED_FULL, causes: [cause], paidUntilUnixSeconds: registry.now + 30 * DAY });
			expect((await call("GET", "/v1/borrower/contract", undefined, token)).body).toMatchObject({ findings: [finding] });
		}
	});

	test("is told of a number that was misread", async () => {
		const { phone, token } = await borrower("P-2");
		await registry.admin.recordPayment("P-2", { reference: "pay-2", amountMinor: 1000 });
		await reports(phone, { paidUntilUnixSeconds: START + 30 * DAY });
		const shown = requestNumber({ counter: 3, nonce: 417 });
		const misread = `${shown.slice(0, 7)}${(Number(shown[7]) + 1) % 10}`;
		expect((await call("POST", "/v1/borrower/codes", { requestNumber: misread }, token)).status).toBe(422);
	});
});

describe("a dispute", () => {
	test("becomes a hold on the phone at once, once for each period that is paid for", async () => {
		const { phone, token } = await borrower("D-1");
		const opened = await call("POST", "/v1/borrower/disputes", { text: "<script>I paid</script>" }, token);
		expect(opened.body).toMatchObject({ mayDispute: false, heldUntilUnixSeconds: START + 14 * DAY, findings: ["on_hold"] });
		await call("POST", "/v1/borrower/disputes", { text: "again" }, token);
		const { orders } = phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		expect(orders.map(({ hold }) => hold)).toEqual([
			{ kind: wire.HoldKind.HOLD_KIND_DISPUTE, untilUnixSeconds: START + 14 * DAY },
		]);
		const { disputes, holds } = await registry.console.story("D-1");
		const { paidUntilUnixSeconds } = (await registry.admin.getContract("D-1")) ?? {};
		expect(disputes).toEqual([{ text: "<script>I paid</script>", openedAtUnixSeconds: START, paidUntilUnixSeconds }]);
		expect(holds).toMatchObject([{ kind: "dispute", inForce: true }]);
	});

	test("is not opened on a contract that has ended", async () => {
		const { token } = await borrower("D-2");
		await registry.admin.payOff("D-2", { reference: "done" });
		expect((await call("POST", "/v1/borrower/disputes", { text: "late" }, token)).status).toBe(409);
	});
});

describe("a buyer", () => {
	test("learns whether the phone in hand is the one that is financed, and nothing else", async () => {
		const { imei } = await borrower("H-1");
		const ask = (number: string) => call("POST", "/v1/imei/possession", { imei, requestNumber: number });
		expect(await ask(requestNumber({ counter: 3, nonce: 417 }))).toEqual({
			status: 200,
			body: { inHand: "same", reportedAtUnixSeconds: START },
		});
		expect((await ask(requestNumber({ counter: 3, nonce: 418 }))).body).toEqual({ inHand: "other" });
		expect((await ask(requestNumber({ counter: 4, nonce: 417 }))).body).toEqual({ inHand: "other" });
		expect((await ask("12345678")).status).toBe(400);
	});

	test("cannot try one phone's thousand numbers", async () => {
		const { imei } = await borrower("H-2");
		const statuses: number[] = [];
		await registry.inNoTime(async () => {
			for (let nonce = 0; nonce < 8; nonce += 1) {
				const json = { imei, requestNumber: requestNumber({ counter: 3, nonce }) };
				statuses.push((await call("POST", "/v1/imei/possession", json)).status);
			}
		});
		expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429, 429]);
	});

	test("is told when no phone with that IMEI can be asked", async () => {
		const { identity } = new TestPhone();
		const answer = await call("POST", "/v1/imei/possession", {
			imei: identity.imei1,
			requestNumber: requestNumber({ counter: 1, nonce: 1 }),
		});
		expect(answer.body).toEqual({ inHand: "unknown" });
	});
});

describe("a certificate", () => {
	test("says that a contract ended, and that the phone is free once the phone said so", async () => {
		const { phone, imei } = await borrower("C-1");
		const { certificateId = "" } = await registry.admin.payOff("C-1", { reference: "returned-1", reason: "returned" });
		const read = async () => (await call("GET", `/v1/certificates/${certificateId}`)).body;
		const expected = {
			certificateId,
			contractEndedAs: "returned",
			phone: "not_reported",
			imeiTails: [imei, phone.identity.imei2 ?? ""].map((each) => each.slice(-4)),
			endedAtUnixSeconds: START,
			lenderId: "lender-1",
		};
		expect(await read()).toEqual(expected);
		await reports(phone, { standing: STANDING_RELEASED, ownershipReturned: true });
		expect(await read()).toEqual({ ...expected, phone: "free" });
	});

	test("that nobody gave out is not found", async () => {
		expect((await call("GET", "/v1/certificates/HF-0000000000000000")).status).toBe(404);
	});
});
