import { encode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import { EPOCH, termsOf } from "../../agent/test-lender.ts";
import { keyring, keySetEnvelope, SymbolicLender } from "../lender.ts";
import { symbolicSigner } from "../symbolic-crypto.ts";
import type { Fact } from "../truth.ts";
import type { Phone } from "../walk.ts";
import type { Move, World } from "../world.ts";
import { andIsRead, DAY, lockWarning, onLines, orderMove, time } from "./common-moves.ts";
import { answerMove } from "./contact.ts";
import { HOUSE_PROMISE } from "./overdue.ts";

const D = 24 * 3600;
const LAST = 2 ** 32 - 1;
const { REASON_CODE_THEFT_REPORTED: THEFT, REASON_CODE_PAYMENT: PAYMENT } = wire.ReasonCode;
const { RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL, RESTRICTION_LEVEL_NONE: NONE } = wire.RestrictionLevel;

/** What the orders of a world are about, besides locks. */
type Part = "locks" | "terms" | "authority";

const ABOUT: Readonly<Record<Part, string>> = {
	locks: "locks by order, old, future, expired, reordered and replayed, of a stolen command key; payments that end them",
	terms: "harder, looser and impossible terms, a hold and a service window, under locks by order",
	authority: "orders that were forged, misaddressed or signed by the wrong role; rotation of keys; release",
};
const EXERCISES: Readonly<Record<Part, readonly string[]>> = {
	locks: ["F1/F2", "F3 ordered", "F4 ladder", "F4 cap", "F15 expired", "F12", "F15", "F16", "F7/F16 loosening", "L2", "L3", "L5"],
	terms: ["F3 ordered", "F10 terms", "F13 hold", "F13 bounded", "F15", "L service", "L3"],
	authority: ["F7", "F12", "F15", "F7/F16 loosening", "L2 paid", "L3", "L4 time", "L5"],
};

/** Every kind of order, in any order and again. */
export function ordersWorld(part: Part): World {
	const terms = termsOf({
		instalments: [{ dueAtUnixSeconds: EPOCH + 6 * D, amountMinor: 50_000 }],
		// Nothing is overdue in it: what locks is ordered.
		initialPaidUntilUnixSeconds: EPOCH + 405 * D,
		// The cap is below what is ordered.
		ladder: { graceSeconds: 3 * D, limitedDwellSeconds: D, maxLevel: LIMITED },
		offline: { budgetSeconds: 0, warnAtRemainingSeconds: [], level: NONE },
		deadLenderReleaseSeconds: 5 * D,
	});
	const lifetimes = { command: 80 * D, others: 800 * D };
	const first = keyring(1);
	const lender = new SymbolicLender(terms, first, lifetimes);
	const second = { ...keyring(11), root: first.root, release: first.release };
	/** Names the command key, and does not have it. */
	const forger = [{ ...symbolicSigner(70), keyid: first.command[0]?.keyid ?? "" }];
	const world = { lender };
	const { command, release, root } = first;

	const order = (
		says: string,
		by: Move["by"],
		fields: Partial<wire.Order.$Properties>,
		signer: typeof command,
		fact: Parameters<typeof orderMove>[5],
		wayOut?: true,
	) => orderMove(world, says, by, fields, signer, fact, wayOut ? { wayOut } : {});
	const warning = (sequence: number) => lockWarning(world, "lender", sequence);
	const newTerms = (changes: Partial<wire.Terms.$Properties>) => encode(wire.Terms, { ...terms, ...changes });
	const harder = newTerms({ unconfirmedReleaseSeconds: 15 * D });
	const looser = newTerms({ unconfirmedReleaseSeconds: 13 * D });
	const below = newTerms({
		ladder: { graceSeconds: 0, limitedDwellSeconds: 0, maxLevel: LIMITED },
		notices: { count: 0, minSpacingSeconds: 0, minChannels: 0 },
	});
	const terms7 = (
		says: string,
		bytes: Uint8Array,
		consent: Uint8Array,
		signer: typeof command,
		by: "command" | "root",
		kind: NonNullable<Extract<Fact, { kind: "order" }>["terms"]>,
	) =>
		order(says, "adversary", { sequence: 7, newTerms: { terms: bytes, consent } }, signer, {
			action: "newTerms",
			by,
			terms: kind,
		});
	const none = new Uint8Array();
	const rotated = keySetEnvelope(second, { version: 2, epoch: 2, lifetimes });
	const forgedKeys = keySetEnvelope({ ...second, root: keyring(31).root }, { version: 2, epoch: 2, lifetimes });
	const youngest = ({ truth }: Phone) => truth.questions.at(-1);

	const restrict = order(
		"Restrict 4 (theft, FULL, until day 5) arrives",
		"lender",
		{ sequence: 4, reason: THEFT, restrict: { level: FULL }, expiresAtUnixSeconds: EPOCH + 5 * D },
		command,
		{ action: "restrict", expiresAtUnixSeconds: EPOCH + 5 * D },
	);
	const restore = order("Restore 6 arrives", "lender", { sequence: 6, restore: {} }, command, { action: "restore" }, true);
	const paid = order(
		"Extend 10 arrives: all is paid",
		"lender",
		{ sequence: 10, extend: { paidUntilUnixSeconds: EPOCH + 406 * D } },
		release,
		{ action: "extend", by: "release" },
		true,
	);
	const wrongRestrict = order(
		"a Restrict by the release key arrives",
		"adversary",
		{ sequence: 20, reason: THEFT, restrict: { level: LIMITED } },
		release,
		{ action: "restrict", by: "release" },
	);

	const future = answerMove("a stolen heartbeat key signs a far future", "adversary", youngest, { aheadSeconds: 40 * D });
	// Whether its keys have ended is nothing that a free phone asks any more.
	const farFuture: Move = { ...future, can: (phone) => !phone.truth.released && (future.can?.(phone) ?? true) };

	const moves: Readonly<Record<Part, readonly Move[]>> = {
		locks: [
			...onLines(...[1, 2, 3].map((sequence) => andIsRead(warning(sequence)))),
			restrict,
			order("Restrict 5 (payment) arrives", "adversary", { sequence: 5, reason: PAYMENT, restrict: { level: FULL } }, command, {
				action: "restrict",
			}),
			restore,
			order(
				"Restrict 9 of day 7 arrives",
				"lender",
				{ sequence: 9, reason: THEFT, restrict: { level: LIMITED }, issuedAtUnixSeconds: EPOCH + 7 * D },
				command,
				{ action: "restrict", issuedAtUnixSeconds: EPOCH + 7 * D },
			),
			paid,
			order(
				"a stolen command key orders Restrict with the last sequence of all",
				"adversary",
				{ sequence: LAST, reason: THEFT, restrict: { level: LIMITED } },
				command,
				{ action: "restrict" },
			),
			wrongRestrict,
		],
		terms: [
			restrict,
			restore,
			terms7("looser terms 7 arrive", looser, none, command, "command", "looser"),
			terms7(
				"harder terms 7 of the root arrive, with consent",
				harder,
				lender.consent(harder),
				root.slice(0, 2),
				"root",
				"harder with consent",
			),
			terms7(
				"harder terms 7 of the root arrive, without consent",
				harder,
				lender.consent(),
				root.slice(0, 2),
				"root",
				"harder without consent",
			),
			terms7(
				"harder terms 7 of the command key arrive, with consent",
				harder,
				lender.consent(harder),
				command,
				"command",
				"harder with consent",
			),
			terms7(
				"terms 7 below the floor arrive, with root and consent",
				below,
				lender.consent(below),
				root.slice(0, 2),
				"root",
				"below the floor",
			),
			order(
				"Hold 8 arrives (disaster, for 300 days)",
				"lender",
				{ sequence: 8, hold: { kind: wire.HoldKind.HOLD_KIND_DISASTER, untilUnixSeconds: EPOCH + 300 * D } },
				command,
				{ action: "hold", hold: { kind: wire.HoldKind.HOLD_KIND_DISASTER, untilUnixSeconds: EPOCH + 300 * D } },
			),
			order(
				"service window 8 arrives, for day 2",
				"lender",
				{ sequence: 8, serviceWindow: { opensAtUnixSeconds: EPOCH + 2 * D, closesAtUnixSeconds: EPOCH + 3 * D } },
				command,
				{ action: "serviceWindow", window: { opensAtUnixSeconds: EPOCH + 2 * D, closesAtUnixSeconds: EPOCH + 3 * D } },
			),
		],
		authority: [
			restore,
			order(
				"Extend 9 arrives, for longer than the contract",
				"adversary",
				{ sequence: 9, extend: { paidUntilUnixSeconds: EPOCH + 3000 * D } },
				command,
				{ action: "extend" },
			),
			paid,
			wrongRestrict,
			order(
				"an Extend that nobody signed arrives",
				"adversary",
				{ sequence: 21, extend: { paidUntilUnixSeconds: EPOCH + 400 * D } },
				forger,
				{ action: "extend", by: "nobody" },
			),
			order(
				"an Extend for another phone arrives",
				"adversary",
				{ sequence: 22, deviceId: "f".repeat(32), extend: { paidUntilUnixSeconds: EPOCH + 400 * D } },
				command,
				{ action: "extend", toUs: false },
			),
			order(
				"an Extend of another contract arrives",
				"adversary",
				{ sequence: 22, contractId: "C-9", extend: { paidUntilUnixSeconds: EPOCH + 400 * D } },
				command,
				{ action: "extend", toUs: false },
			),
			order("a Release by the command key arrives", "adversary", { sequence: 23, release: { certificateId: "P-1" } }, command, {
				action: "release",
			}),
			order("the Release arrives, with an old sequence", "lender", { sequence: 1, release: { certificateId: "P-1" } }, release, {
				action: "release",
				by: "release",
			}),
			order(
				"a Release by the new keys arrives",
				"lender",
				{ sequence: 1, epoch: 2, release: { certificateId: "P-2" } },
				second.release,
				{ action: "release", by: "release", ring: 2 },
			),
			order(
				"newer keys arrive, of the next epoch",
				"lender",
				{ sequence: 1, epoch: 2, newKeys: { keySetEnvelopes: [rotated] } },
				second.command,
				{ action: "newKeys", ring: 2, keys: { version: 2, epoch: 2, isNext: true } },
			),
			order(
				"newer keys arrive that the root never signed",
				"adversary",
				{ sequence: 24, newKeys: { keySetEnvelopes: [forgedKeys] } },
				command,
				{ action: "newKeys", by: "nobody", keys: { version: 2, epoch: 2, isNext: false } },
			),
			order(
				"the lender restores in the new epoch, order 2",
				"lender",
				{ sequence: 2, epoch: 2, restore: {} },
				second.command,
				{ action: "restore", ring: 2 },
				true,
			),
			order(
				"the old command key orders in the new epoch",
				"adversary",
				{ sequence: 3, epoch: 2, extend: { paidUntilUnixSeconds: EPOCH + 400 * D } },
				command,
				{ action: "extend", by: "nobody" },
			),
			farFuture,
		],
	};

	return {
		name: part === "locks" ? "orders" : part,
		about: ABOUT[part],
		lender,
		promise: { ...HOUSE_PROMISE, highest: LIMITED, finalDueUnixSeconds: EPOCH + 6 * D, deadLenderSeconds: 5 * D },
		horizonSeconds: 10_000 * D,
		noticeAgeMs: 3 * DAY,
		paidUntils: [405, 406].map((day) => EPOCH + day * D),
		warningsLast: true,
		hasQuietHours: false,
		hasAnchor: false,
		moves: [...time(DAY, "24 hours", [[400 * DAY, "400 days"]], 11), ...moves[part]],
		start(walk) {
			walk.bind();
			walk.answer({ nextCheckInSeconds: 7 * D });
			walk.seal();
			if (part === "locks") return;
			// The lock warnings were read on three days.
			for (const number of [1, 2, 3]) {
				andIsRead(warning(number)).make(walk);
				walk.pass(DAY);
			}
			if (part === "authority") restrict.make(walk);
		},
		exercises: EXERCISES[part],
	};
}
