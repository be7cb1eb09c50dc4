import fc from "fast-check";
import { expect, test } from "vitest";

import { encode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import { auditRecord } from "../../../provisioning/audit/audit-record.ts";
import { createNodeCrypto } from "../../../provisioning/registry/node-crypto.ts";
import { DAY, HOUR, TestLender, termsOf } from "../../agent/test-lender.ts";
import { boundPhone, type TestPhone } from "../../agent/test-phone.ts";

const crypto = createNodeCrypto();
const { ReasonCode, NoticeKind, HoldKind } = wire;
const { RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;

/** A life that a test is in the middle of. */
interface World {
	readonly lender: TestLender;
	readonly phone: TestPhone;
	/** Ledgers that were, to be put back. */
	readonly images: Uint8Array[];
	terms: wire.Terms.$Properties;
}
type Move = (world: World) => Promise<unknown> | unknown;

const anyReason = fc.constantFrom(ReasonCode.REASON_CODE_PAYMENT, ReasonCode.REASON_CODE_LENDER_ERROR);
const restricting = fc.constantFrom(
	ReasonCode.REASON_CODE_OVERDUE,
	ReasonCode.REASON_CODE_FRAUD,
	ReasonCode.REASON_CODE_RETURNED,
	ReasonCode.REASON_CODE_GOODWILL,
);
const anyHold = fc.constantFrom(
	HoldKind.HOLD_KIND_DISPUTE,
	HoldKind.HOLD_KIND_PROMISE_TO_PAY,
	HoldKind.HOLD_KIND_DISASTER,
	HoldKind.HOLD_KIND_CLEARING,
);
const now = ({ phone }: World) => Math.floor(phone.unixSeconds);

/** Time passes more often than anything else happens. */
const aMove: fc.Arbitrary<Move> = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 28_800 })).map(
			([halfDays, eighths]): Move =>
				({ phone }) => {
					for (let step = 0; step < halfDays; step += 1) phone.jump(12 * HOUR + eighths / 8);
				},
		),
	},
	{
		weight: 2,
		arbitrary: fc.boolean().map(
			(stale): Move =>
				({ lender, phone }) =>
					phone.checkIn(lender, { paymentFeedStale: stale }),
		),
	},
	{
		weight: 2,
		arbitrary: fc.tuple(anyReason, fc.integer({ min: -3, max: 40 }), fc.integer({ min: 0, max: 9 })).map(
			([reason, days, hoursAgo]): Move =>
				(world) => {
					const receivedAtUnixSeconds = hoursAgo === 0 ? 0 : now(world) - hoursAgo * HOUR;
					const extend = { paidUntilUnixSeconds: Math.max(1, now(world) + days * DAY), receivedAtUnixSeconds };
					return world.phone.deliver(world.lender, { reason, extend });
				},
		),
	},
	{
		weight: 2,
		arbitrary: fc.constantFrom(NoticeKind.NOTICE_KIND_LOCK_WARNING, NoticeKind.NOTICE_KIND_INFORMATION).map(
			(kind): Move =>
				({ lender, phone }) => {
					const texts = [{ language: "es", text: "Aviso" }];
					return phone.deliver(lender, { notice: { noticeId: `n-${lender.sequence}`, kind, texts } });
				},
		),
	},
	{
		weight: 2,
		arbitrary: fc.tuple(restricting, fc.constantFrom(LIMITED, FULL)).map(
			([reason, level]): Move =>
				({ lender, phone }) =>
					phone.deliver(lender, { reason, restrict: { level } }),
		),
	},
	anyReason.map(
		(reason): Move =>
			({ lender, phone }) =>
				phone.deliver(lender, { reason, restore: {} }),
	),
	fc.tuple(anyHold, fc.integer({ min: 1, max: 60 })).map(
		([kind, days]): Move =>
			(world) =>
				world.phone.deliver(world.lender, { hold: { kind, untilUnixSeconds: now(world) + days * DAY } }),
	),
	fc.constantFrom<Move>(
		({ phone }) => phone.send({ disputeOpened: {} }),
		({ phone }) => phone.send({ passTaken: {} }),
		({ phone }) => phone.reboot(HOUR),
		({ phone }) => phone.cable({ seal: {} }),
		({ phone }) => phone.send({ emergencyCall: { active: true } }),
		({ phone }) => phone.send({ emergencyCall: { active: false } }),
		({ phone }) => phone.facts({ simDigest: Uint8Array.of(1) }),
		({ phone }) => phone.facts({ simDigest: Uint8Array.of(2) }),
		({ phone, images }) => images.push(phone.stored),
		({ phone, images }) => {
			phone.stored = images.pop() ?? new Uint8Array();
		},
		({ phone }) => {
			phone.looksAtNotices = !phone.looksAtNotices;
		},
		async ({ lender, phone }) =>
			phone.deliver(lender, { newKeys: { keySetEnvelopes: [await lender.rotate(["command", "heartbeat"])] } }),
		async ({ lender, phone }) => {
			const envelope = await lender.rotate(["root", "command"], { epoch: lender.epoch + 1 });
			return phone.deliver(lender, { newKeys: { keySetEnvelopes: [envelope] } });
		},
		(world) => {
			const offline = { budgetSeconds: 20 * DAY, warnAtRemainingSeconds: [3 * DAY, DAY], level: LIMITED };
			world.terms = { ...world.terms, offline };
			return world.phone.deliver(world.lender, {
				newTerms: { terms: encode(wire.Terms, world.terms), consent: new Uint8Array() },
			});
		},
	),
);

test("whatever a phone lives through, its record is in order, and its wrongful minutes are those that follow from it", async () => {
	const seen = { locks: 0, wrongful: 0, decisions: 0 };
	await fc.assert(
		fc.asyncProperty(
			fc.array(aMove, { minLength: 5, maxLength: 40 }),
			fc.constantFrom("default", "MX", "IN"),
			fc.boolean(),
			async (moves, jurisdiction, endsReleased) => {
				const base = termsOf({
					jurisdiction,
					offline: { budgetSeconds: 10 * DAY, warnAtRemainingSeconds: [3 * DAY, DAY], level: LIMITED },
					observations: { onSimChange: LIMITED, onAttestationChange: 0 },
				});
				const inIndia = {
					ladder: { graceSeconds: 90 * DAY, limitedDwellSeconds: DAY, maxLevel: LIMITED },
					notices: { count: 3, minSpacingSeconds: 10 * DAY, minChannels: 2 },
				};
				const terms = jurisdiction === "IN" ? { ...base, ...inIndia } : base;
				const lender = await TestLender.create(terms);
				const phone = await boundPhone(lender);
				const world: World = { lender, phone, images: [], terms };
				for (const move of moves) await move(world);
				if (endsReleased) await phone.deliver(lender, { release: { certificateId: "P-1" } });
				const report = auditRecord({ crypto }, phone.takeRecord());
				if (!("totals" in report)) throw new Error(report.problem);
				const found = report.decisions.filter(({ findings }) => findings.length > 0);
				expect([...report.findings, ...found]).toEqual([]);
				expect(report.totals.wrongfulMinutesRecorded).toBe(phone.ledger.lock.wrongfulLockMinutes);
				expect(report.totals.wrongfulMinutesRecomputed).toBe(report.totals.wrongfulMinutesRecorded);
				seen.locks += report.totals.locks;
				seen.decisions += report.totals.decisions;
				seen.wrongful += report.totals.wrongfulMinutesRecorded;
			},
		),
		{ numRuns: 150 },
	);
	// The lives were worth checking.
	expect(seen.locks).toBeGreaterThan(50);
	expect(seen.wrongful).toBeGreaterThan(0);
	expect(seen.decisions).toBeGreaterThan(1000);
}, 180_000);
