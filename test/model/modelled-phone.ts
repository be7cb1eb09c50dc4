import { wire } from "../../proto/wire.ts";
import { DAY, EPOCH, termsOf } from "../agent/test-lender.ts";
import { keyring, SymbolicLender } from "../prove/lender.ts";
import { type Channel, type Question, SymbolicPhone } from "../prove/symbolic-phone.ts";
import type { ModelMove, Step } from "./moves.ts";

const HALF_TICK = 150;
/** The model has no end of a key, of a year, or of a warning's life: a story stays within all of them. */
const MOST_POWERED_ON_DAYS = 50;
const MOST_LAG = 9;
/** A phone remembers sixteen notices. */
const MOST_NOTICES = 13;

/** Constants of holdfast.pml that make it the contract below. */
export const AS_BRIDGED = [
	"-DGRACE=3",
	"-DNOTICES=3",
	"-DDISPUTE_DAYS=14",
	"-DDEAD_DAYS=12",
	"-DUNCONFIRMED_DAYS=6",
	"-DPASSES=2",
	`-DMOST_LAG=${MOST_LAG}`,
];

/** The contract of the model, in concrete times. */
export function modelledLender(): SymbolicLender {
	const terms = termsOf({
		instalments: [{ dueAtUnixSeconds: EPOCH + DAY, amountMinor: 50_000 }],
		initialPaidUntilUnixSeconds: EPOCH + 2 * DAY,
		offline: {
			budgetSeconds: 8 * HALF_TICK,
			warnAtRemainingSeconds: [4 * HALF_TICK],
			level: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED,
		},
		deadLenderReleaseSeconds: 12 * DAY,
		unconfirmedReleaseSeconds: 6 * DAY,
	});
	return new SymbolicLender(terms, keyring(1));
}

/** The shipped agent, moved as the model is. */
export class ModelledPhone {
	readonly #lender: SymbolicLender;
	readonly #phone = new SymbolicPhone();
	readonly #orders: Uint8Array[] = [];
	#question: Question | undefined;
	#lag = 0;
	#days = 0;
	#notices = 0;

	constructor(lender: SymbolicLender) {
		this.#lender = lender;
		this.#phone.onQuestion = (question, isPosted) => {
			if (!isPosted) this.#question = question;
		};
		this.#phone.bind(lender);
	}

	/** False once a move would lead out of the model's world: the story ends before it. */
	can(move: ModelMove): boolean {
		if (move === "DAY" || move === "OFF") {
			if (this.#days + this.#lag >= MOST_POWERED_ON_DAYS) return false;
		}
		if (move === "OFF") return this.#lag < MOST_LAG;
		return this.#notices < MOST_NOTICES;
	}

	/** One move, and what holds after it. */
	do(move: ModelMove): Step {
		this.#acts[move]();
		const { standing } = this.#phone.ledger.lock;
		return { move, standing, isRestricted: this.#phone.restricted.includes("cameraAndGallery") };
	}

	readonly #acts: Readonly<Record<ModelMove, () => unknown>> = {
		HALF: () => this.#phone.live(HALF_TICK),
		DAY: () => this.#day(),
		CUT: () => this.#phone.reboot(),
		OFF: () => this.#off(),
		LOOK: () => this.#look(["notification", "screen"]),
		GLANCE: () => this.#look(["screen"]),
		CONTACT: () => this.#contact(false),
		CONTACT_STALE: () => this.#contact(true),
		PAY: () => this.#pay(),
		RESTRICT_DEBT: () => this.#restrict(wire.ReasonCode.REASON_CODE_OVERDUE),
		RESTRICT_FRAUD: () => this.#restrict(wire.ReasonCode.REASON_CODE_FRAUD),
		WARN: () => this.#warn(),
		RESTORE: () => this.#order({ restore: {} }),
		HOLD: () => this.#hold(),
		PASS: () => this.#phone.send({ passTaken: {} }),
		DISPUTE: () => this.#phone.send({ disputeOpened: {} }),
		CALL: () => this.#phone.send({ emergencyCall: { active: true } }),
		CALL_ENDS: () => this.#phone.send({ emergencyCall: { active: false } }),
		RELEASE: () => this.#release(this.#lender.keys.release),
		STOLEN_RELEASE: () => this.#forge(),
	};

	#day(): void {
		this.#days += 1;
		this.#phone.live(DAY);
	}

	#off(): void {
		this.#lag += 1;
		this.#phone.reboot(DAY);
	}

	#hold(): void {
		const untilUnixSeconds = this.#trusted() + 2 * DAY;
		this.#order({ hold: { kind: wire.HoldKind.HOLD_KIND_PROMISE_TO_PAY, untilUnixSeconds } });
	}

	#release(signers: SymbolicLender["keys"]["release"]): void {
		this.#phone.order(this.#signed({ release: { certificateId: "P-1" } }, signers));
	}

	/** By the command key, which may not; and whatever was sent last is sent again. */
	#forge(): void {
		this.#release(this.#lender.keys.command);
		const old = this.#orders.at(-1);
		if (old) this.#phone.order(old);
	}

	#trusted(): number {
		const { time } = this.#phone.ledger;
		return time.signedUnixSeconds + Math.floor((time.poweredOnMs - time.signedAtPoweredOnMs) / 1000);
	}

	#look(channels: readonly Channel[]): void {
		for (const { noticeId, kind } of this.#phone.effects.notices ?? []) {
			if (kind !== wire.NoticeKind.NOTICE_KIND_OFFLINE_WARNING) this.#notices += 1;
			for (const channel of channels) this.#phone.shown(noticeId ?? "", channel);
		}
	}

	#contact(paymentFeedStale: boolean): void {
		this.#question = undefined;
		this.#phone.cable({ startCheckIn: {} });
		if (this.#question) this.#phone.answer(this.#lender.reply(this.#question, this.#phone.unixSeconds, { paymentFeedStale }));
		this.#days += this.#lag;
		this.#lag = 0;
	}

	/** Always two days from now; whoever is paid for longer than a day has nothing to pay. */
	#pay(): void {
		const paidUntil = this.#phone.ledger.contract?.paidUntilUnixSeconds ?? 0;
		const now = this.#trusted();
		if (Math.floor((now - paidUntil) / DAY) > -2) this.#order({ extend: { paidUntilUnixSeconds: now + 2 * DAY } });
	}

	#restrict(reason: wire.ReasonCode): void {
		this.#order({ reason, restrict: { level: wire.RestrictionLevel.RESTRICTION_LEVEL_FULL } });
	}

	#warn(): void {
		if (this.#phone.ledger.notices.pending.length > 0) return;
		const kind = wire.NoticeKind.NOTICE_KIND_LOCK_WARNING;
		const noticeId = `warning-${this.#orders.length}`;
		this.#order({ notice: { noticeId, kind, texts: [{ language: "es", text: "Aviso" }] } });
	}

	#order(fields: Partial<wire.Order.$Properties>): void {
		const envelope = this.#signed(fields, this.#lender.keys.command);
		this.#orders.push(envelope);
		this.#phone.order(envelope);
	}

	#signed(fields: Partial<wire.Order.$Properties>, signers: SymbolicLender["keys"]["command"]): Uint8Array {
		return this.#lender.order({ sequence: this.#orders.length + 1, ...fields }, signers);
	}
}
