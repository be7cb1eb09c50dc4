import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";

import { createDaemon } from "../../../agent/daemon/daemon.ts";
import { closeLedger, frameState, openLedger } from "../../../agent/daemon/ledger-file.ts";
import { nextHead } from "../../../agent/policy/decision-log.ts";
import { emptyLedger } from "../../../agent/policy/ledger.ts";
import { decode, encode } from "../../../proto/codec.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, TestLender } from "../test-lender.ts";
import { boundPhone, TestPhone } from "../test-phone.ts";

const daemon = createDaemon({ crypto: nobleCrypto });
const LOCKING = ["cameraAndGallery", "otherApps", "lockTask", "outgoingCalls", "settings", "statusBar"];
const entropy = new Uint8Array(32).fill(5);

const effectsOf = (handled: { effects: Uint8Array }) => decode(wire.HostEffects, handled.effects);
const eventAt = (elapsedMs: number, body: Omit<wire.HostEvent.$Properties, "now" | "entropy">, bootCount = 1) =>
	encode(wire.HostEvent, { now: { bootCount, elapsedMs }, entropy, ...body });

let lender: TestLender;
let phone: TestPhone;
/** The ledgers of a phone's life, each with the moment it was stored at. */
const life: { stored: Uint8Array; elapsedMs: number; standing: string }[] = [];

beforeAll(async () => {
	lender = await TestLender.create();
	phone = await boundPhone(lender);
	const keep = () => life.push({ stored: phone.stored, elapsedMs: phone.elapsedMs, standing: phone.standing });
	life.push({ stored: new Uint8Array(), elapsedMs: 0, standing: "UNBOUND" });
	keep();
	for (let day = 0; day < 36; day += 1) {
		phone.jump(DAY);
		await phone.checkIn(lender);
		if (life.at(-1)?.standing !== phone.standing) keep();
	}
	await phone.deliver(lender, { extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY } });
	keep();
	await phone.deliver(lender, { release: { certificateId: "P-1" } });
	keep();
});

test("the life that the tests below use has every standing in it", () => {
	expect(new Set(life.map(({ standing }) => standing))).toEqual(
		new Set(["UNBOUND", "UNLOCKED", "GRACE", "LOCKED_LIMITED", "LOCKED_FULL", "RELEASED"]),
	);
});

describe("whatever it is given", () => {
	const anyBytes = fc.uint8Array({ maxLength: 200 });

	test("an event that is garbage leaves the ledger as it is, byte for byte, and is named", () => {
		fc.assert(
			fc.property(anyBytes, fc.nat(), (garbage, which) => {
				const { stored } = life[which % life.length] ?? { stored: new Uint8Array() };
				const handled = daemon.handle(stored, garbage);
				expect(handled.ledger).toBe(stored);
				const effects = effectsOf(handled);
				expect(effects.faults.map(({ code }) => code)).toEqual(["EVENT_UNREADABLE"]);
				expect([effects.posture, effects.alarm, effects.screen]).toEqual([null, null, null]);
			}),
			{ numRuns: 20_000 },
		);
	});

	test("a ledger that is garbage locks nothing, keeps what was found, and asks for contact", () => {
		fc.assert(
			fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (garbage) => {
				const handled = daemon.handle(garbage, eventAt(1000, { started: {} }));
				const effects = effectsOf(handled);
				expect(effects.faults.map(({ code }) => code)).toEqual(["LEDGER_UNREADABLE"]);
				expect(effects.posture).toBeNull();
				expect(effects.screen?.kind).toBe(wire.ScreenKind.SCREEN_KIND_RECOVERY);
				const opened = openLedger(nobleCrypto, handled.ledger);
				expect(opened.kind === "ledger" && opened.ledger.recovery?.unreadable).toEqual(garbage);
			}),
			{ numRuns: 5_000 },
		);
	});

	test("a ledger cut off, or with any byte changed, locks nothing that was open", () => {
		const ledgers = life.filter(({ stored }) => stored.length > 0);
		fc.assert(
			fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (which, where, flip, cuts) => {
				const { stored } = ledgers[which % ledgers.length] ?? { stored: new Uint8Array(1) };
				const at = where % stored.length;

				// Cut to nothing it would be a new phone's: the host's rename never leaves that, and a host that finds no file says so.
				const broken = cuts ? stored.slice(0, Math.max(1, at)) : stored.map((byte, index) => (index === at ? byte ^ flip : byte));
				const effects = effectsOf(daemon.handle(broken, eventAt(1000, { started: {} }, 99)));
				expect(effects.faults[0]?.code).toBe("LEDGER_UNREADABLE");
				expect(effects.posture).toBeNull();
			}),
			{ numRuns: 5_000 },
		);
	});

	test("an event with any byte changed is handled without a throw, and never undoes a release", () => {
		const events = [
			eventAt(5000, { tick: {} }),
			eventAt(5000, { noticeShown: { noticeId: "overdue-1-1", channel: 1 } }),
			eventAt(5000, { cable: { request: encode(wire.CableRequest, { seal: {} }) } }),
			eventAt(5000, { facts: { imeis: ["1"], serial: "x", deviceOwner: true, agentVersion: "1" } }),
			eventAt(5000, { reply: { replyEnvelope: new Uint8Array(40) } }),
			eventAt(5000, { signed: { requestId: 3, signature: new Uint8Array(64) } }),
		];
		const released = life.at(-1)?.stored ?? new Uint8Array();
		fc.assert(
			fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, where, flip) => {
				const event = events[which % events.length] ?? new Uint8Array();
				const changed = event.map((byte, index) => (index === where % event.length ? byte ^ flip : byte));
				const { posture, faults } = effectsOf(daemon.handle(released, changed));
				expect(faults.map(({ code }) => code)).not.toContain("INTERNAL");
				expect(posture?.restricted ?? []).toEqual([]);
			}),
			{ numRuns: 10_000 },
		);
	});

	test("is deterministic: the same ledger and event give the same bytes", () => {
		for (const { stored, elapsedMs } of life) {
			const event = eventAt(elapsedMs + 60_000, { checkNow: {} });
			expect(createDaemon({ crypto: nobleCrypto }).handle(stored, event)).toEqual(daemon.handle(stored, event));
		}
	});

	test("stating everything again at the same moment changes nothing that holds", () => {
		for (const { stored, elapsedMs } of life.slice(1)) {
			const once = daemon.handle(stored, eventAt(elapsedMs, { tick: {} }));
			const twice = daemon.handle(once.ledger, eventAt(elapsedMs, { tick: {} }));
			expect(twice.ledger).toEqual(once.ledger);
			expect(effectsOf(twice)).toEqual(effectsOf(once));
		}
	});

	test("a restriction appears only with a cause", () => {
		for (const { stored, elapsedMs } of life) {
			const handled = daemon.handle(stored, eventAt(elapsedMs, { tick: {} }));
			const { posture, screen } = effectsOf(handled);
			const locks = posture?.restricted.filter((control) => LOCKING.includes(control)) ?? [];
			expect(locks.length > 0).toBe((screen?.causes.length ?? 0) > 0);
		}
	});

	test("an impossible moment is not believed", () => {
		const stored = life[1]?.stored ?? new Uint8Array();
		const handled = daemon.handle(stored, eventAt(9e14, { tick: {} }));
		expect(handled.ledger).toBe(stored);
	});
});

describe("the ledger", () => {
	test("opens as it was closed", () => {
		for (const { stored } of life.slice(1)) {
			const opened = openLedger(nobleCrypto, stored);
			expect(opened.kind === "ledger" && closeLedger(opened.ledger)).toEqual(stored);
		}
	});

	test("is kept untouched, whatever the event, when a newer agent wrote it; and the cable is told", () => {
		const newer = frameState(2, new Uint8Array([1, 2, 3]));
		const request = encode(wire.CableRequest, { seal: {} });
		const handled = daemon.handle(newer, eventAt(1000, { cable: { request } }));
		expect(handled.ledger).toBe(newer);
		const effects = effectsOf(handled);
		expect(effects.faults[0]?.code).toBe("LEDGER_NEWER");
		expect(effects.posture).toBeNull();
		expect(decode(wire.CableReply, effects.cableReply).refused?.code).toBe("LEDGER_NEWER");
	});

	test("that was lost is asked about for 30 days of powered-on time, then the phone is open", () => {
		const lost = new TestPhone();
		lost.stored = new Uint8Array([1, 2, 3]);
		lost.restricted = ["debugging"];
		lost.send({ started: {} });
		lost.pass(29 * DAY);
		expect(lost.restricted).toEqual(["debugging"]);
		lost.pass(2 * DAY);
		expect(lost.restricted).toEqual([]);
	});

	test("that was lost can be bound again", async () => {
		const lost = new TestPhone();
		lost.stored = new Uint8Array([1, 2, 3]);
		lost.facts();
		expect(lost.cable({ bind: await lender.bind() }).bindingAccepted).toBeTruthy();
		expect(lost.ledger.recovery).toBeUndefined();
	});

	test("stays under 4 KiB in every standing of a life", () => {
		expect(Math.max(...life.map(({ stored }) => stored.length))).toBeLessThan(4096);
	});

	test("of no bytes is an unbound phone, which restricts nothing", () => {
		const effects = effectsOf(daemon.handle(new Uint8Array(), eventAt(1, { started: {} })));
		expect(effects.posture?.restricted).toEqual([]);
		expect(effects.screen?.kind).toBe(wire.ScreenKind.SCREEN_KIND_UNBOUND);
		expect(openLedger(nobleCrypto, new Uint8Array())).toEqual({ kind: "none", ledger: emptyLedger() });
	});
});

describe("the decision log (F12)", () => {
	test("is a hash chain over every decision of a life", async () => {
		const other = await boundPhone(lender);
		let head: Uint8Array = new Uint8Array(32);
		let checked = 0;
		const follow = () => {
			for (const decision of other.decisions) {
				if (decision.number <= checked) continue;
				expect(decision.number).toBe(checked + 1);
				head = nextHead(nobleCrypto, head, decision);
				checked += 1;
			}
		};
		follow();
		for (let day = 0; day < 36; day += 1) {
			other.jump(DAY);
			follow();
		}
		await other.deliver(lender, { extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY } });
		follow();
		expect(other.ledger.log.head).toEqual(head);
		expect(checked).toBe(other.ledger.log.length);
		expect(checked).toBeGreaterThan(8);
	});

	test("names the order and the cause of what it did", () => {
		const accepted = phone.decisions.find(({ kind }) => kind === wire.DecisionKind.DECISION_KIND_ORDER_ACCEPTED);
		expect(accepted).toMatchObject({ orderEpoch: 1, orderSequence: expect.any(Number), detail: expect.any(String) });
		const locked = phone.decisions.find(({ standing }) => standing === wire.Standing.STANDING_LOCKED_LIMITED);
		expect(locked?.causes).toContain(wire.LockCause.LOCK_CAUSE_OVERDUE);
	});
});
