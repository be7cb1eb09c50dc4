import { createDaemon, type Daemon } from "../../agent/daemon/daemon.ts";
import { decode } from "../../proto/codec.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { wire } from "../../proto/wire.ts";
import { DAY, EPOCH, HOUR, TestLender, termsOf } from "../agent/test-lender.ts";
import { boundPhone, type TestPhone } from "../agent/test-phone.ts";

/** One call of the daemon, as a host would make it. */
export interface Call {
	readonly ledger: Uint8Array;
	readonly event: Uint8Array;
}

/** Calls to measure, each of which can be made again and again: the daemon has no memory. */
export interface HandleCalls {
	/** Without a signature to verify: time, boots, postures and notices, in every standing. */
	readonly unsigned: readonly Call[];
	/** With one: an order delivered. */
	readonly oneSignature: readonly Call[];
	/** With two: the answer to a check-in, and an order in it. */
	readonly twoSignatures: readonly Call[];
	/** Every call of a year in which the phone is used each day and paid for each month. */
	readonly year: readonly Call[];
	/** Largest ledger of that year. */
	readonly largestLedgerBytes: number;
	/** The ledger at its end. */
	readonly lastLedgerBytes: number;
}

const MONTHS = 13;

/** Lives the lives of which the bench measures calls, on Node. */
export async function handleCalls(): Promise<HandleCalls> {
	const year = await aYear();
	const unsigned: Call[] = [];
	const oneSignature: Call[] = [];
	const twoSignatures: Call[] = [];
	const lender = await TestLender.create();
	const [phone, calls] = await recordedPhone(lender);
	const isQuiet = ({ event }: Call) => {
		const { event: kind } = decode(wire.HostEvent, event);
		return kind === "tick" || kind === "started" || kind === "postureApplied" || kind === "noticeShown";
	};
	for (const standing of ["UNLOCKED", "GRACE", "LOCKED_LIMITED", "LOCKED_FULL"]) {
		for (let day = 0; phone.standing !== standing; day += 1) {
			if (day > 60) throw new Error(`the phone never came to ${standing}`);
			phone.jump(DAY);
			if (standing === "GRACE" && phone.standing === "LOCKED_LIMITED") throw new Error("the offline lock came first");
			if (day % 3 === 0) await phone.checkIn(lender);
		}
		calls.length = 0;
		phone.jump(60);
		phone.jump(300);
		phone.reboot();
		unsigned.push(...calls.filter(isQuiet));
		const { stored, anchor } = phone;
		calls.length = 0;
		await phone.deliver(lender, { hold: { kind: wire.HoldKind.HOLD_KIND_DISASTER, untilUnixSeconds: EPOCH } });
		oneSignature.push(...calls.filter(({ event }) => decode(wire.HostEvent, event).event === "cable"));
		calls.length = 0;
		const information = {
			noticeId: `n-${standing}`,
			kind: wire.NoticeKind.NOTICE_KIND_INFORMATION,
			texts: [{ language: "es", text: "Hola" }],
		};
		await phone.checkIn(lender, { orderEnvelopes: [await lender.order({ notice: information })] });
		twoSignatures.push(...calls.filter(({ event }) => decode(wire.HostEvent, event).cable?.request !== undefined).slice(-1));
		Object.assign(phone, { stored, anchor });
	}
	return { unsigned, oneSignature, twoSignatures, ...year };
}

/** Four times each day the phone is called, once it reaches its lender, once a month it is paid for; it is locked now and then. */
async function aYear(): Promise<Pick<HandleCalls, "year" | "largestLedgerBytes" | "lastLedgerBytes">> {
	const instalments = Array.from({ length: MONTHS }, (_, month) => ({
		dueAtUnixSeconds: EPOCH + (month + 1) * 30 * DAY,
		amountMinor: 50_000,
	}));
	const lender = await TestLender.create(termsOf({ instalments }));
	const [phone, calls] = await recordedPhone(lender);
	for (let day = 1; day <= 365; day += 1) {
		for (let quarter = 0; quarter < 4; quarter += 1) phone.jump(6 * HOUR);
		if (day % 2 === 0) await phone.checkIn(lender);
		if (day % 7 === 0) phone.reboot(HOUR);
		if (day % 75 === 70) await renewKeys(lender, phone);
		// Every other month comes late: notices, grace, a lock and its end.
		if (day % 60 === 27 || day % 60 === 8) await pay(lender, phone, day);
	}
	const sizes = calls.map(({ ledger }) => ledger.length);
	return { year: calls, largestLedgerBytes: Math.max(...sizes), lastLedgerBytes: phone.stored.length };
}

async function pay(lender: TestLender, phone: TestPhone, day: number): Promise<void> {
	const paidUntilUnixSeconds = EPOCH + (Math.ceil(day / 30) + 1) * 30 * DAY;
	await phone.deliver(lender, {
		reason: wire.ReasonCode.REASON_CODE_PAYMENT,
		expiresAtUnixSeconds: EPOCH + 700 * DAY,
		extend: { paidUntilUnixSeconds, paymentReference: `P-${day}` },
	});
}

/** The command key lives for 90 days at most. */
async function renewKeys(lender: TestLender, phone: TestPhone): Promise<void> {
	const keySetEnvelope = await lender.rotate(["command"]);
	await phone.deliver(lender, { newKeys: { keySetEnvelopes: [keySetEnvelope] } });
}

/** A bound phone, and the list that its daemon's calls are written to. */
async function recordedPhone(lender: TestLender): Promise<[TestPhone, Call[]]> {
	const calls: Call[] = [];
	const daemon = createDaemon({ crypto: nobleCrypto });
	const recording: Daemon = {
		handle(ledger, event) {
			calls.push({ ledger, event });
			return daemon.handle(ledger, event);
		},
	};
	return [await boundPhone(lender, recording), calls];
}
