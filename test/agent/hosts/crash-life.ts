import type { Ledger } from "../../../agent/policy/ledger.ts";
import { timeCodeSecret, writeTimeCode } from "../../../proto/time-code.ts";
import { wire } from "../../../proto/wire.ts";
import { DEVICE_ID, keyring, SymbolicLender } from "../../prove/lender.ts";
import { symbolicCrypto } from "../../prove/symbolic-crypto.ts";
import { SymbolicPhone } from "../../prove/symbolic-phone.ts";
import { DAY, EPOCH, IMEI1, IMEI2, termsOf } from "../test-lender.ts";

/** The power is cut. */
export class PowerCut extends Error {}

/** When: before or after the n-th event of a chapter is stored, from 0. */
export interface Cut {
	readonly event: number;
	readonly isStored: boolean;
}

/** One event of a life, as the ledger had it before and after. */
export interface Lived {
	readonly chapter: number;
	readonly before: Ledger;
	readonly after: Ledger;
}

/** What is left of a life at the end of a chapter. */
export interface Left {
	readonly standing: string;
	readonly restricted: string;
	readonly paidUntil: number;
	readonly sequence: number;
	readonly facts: string;
}

const CODE_KEY = new Uint8Array(32).fill(3);
const BOTH = ["notification", "screen"] as const;

/** Everything that is stored happens in one of these. */
export const CHAPTERS: readonly { readonly name: string; live(life: CrashLife): void }[] = [
	{
		name: "starts",
		live: (life) => life.do(() => life.phone.readFacts({ imeis: [IMEI1, IMEI2], serial: "SERIAL1", deviceOwner: true })),
	},
	{ name: "is bound", live: (life) => life.do(() => life.phone.cable({ bind: life.bind() })) },
	{ name: "is confirmed", live: (life) => life.do(() => life.phone.send({ checkNow: {} })) },
	{ name: "is sealed", live: (life) => life.do(() => life.phone.cable({ seal: {} })) },
	{ name: "is locked for debt", live: (life) => life.until("LOCKED_LIMITED") },
	{ name: "is paid for", live: (life) => life.order(1, { extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY } }) },
	{ name: "is locked again", live: (life) => life.until("LOCKED_LIMITED") },
	{ name: "is given a code", live: (life) => life.enterCode() },
	{ name: "is locked a third time", live: (life) => life.until("LOCKED_LIMITED") },
	{ name: "is disputed", live: (life) => life.do(() => life.phone.send({ disputeOpened: {} })) },
	{ name: "is locked in full", live: (life) => life.until("LOCKED_FULL") },
	{ name: "is passed", live: (life) => life.do(() => life.phone.send({ passTaken: {} })) },
	{ name: "is locked after the pass", live: (life) => life.until("LOCKED_LIMITED") },
	{ name: "is released", live: (life) => life.order(2, { release: { certificateId: "P-1" } }, life.lender.keys.release) },
];

/** A phone that lives through chapters. The power may be cut once; it starts again, and what was not answered is done again. */
export class CrashLife {
	readonly phone = new SymbolicPhone();
	readonly lender = new SymbolicLender(
		termsOf({
			offline: { budgetSeconds: 0, warnAtRemainingSeconds: [], level: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED },
		}),
		keyring(1),
	);
	readonly lived: Lived[] = [];
	wasCut = false;
	readonly #cut: Cut | undefined;
	#chapter = 0;

	constructor(cut?: Cut) {
		this.#cut = cut;
		const { phone } = this;
		phone.onQuestion = (question) => void phone.answer(this.lender.reply(question, Math.floor(phone.unixSeconds)));
		phone.beforeStore = (after) => {
			this.lived.push({ chapter: this.#chapter, before: phone.ledger, after });
			this.#mayCut(false);
		};
		phone.afterStore = () => this.#mayCut(true);
	}

	#mayCut(isStored: boolean): void {
		if (this.wasCut || this.#cut?.event !== this.lived.length - 1 || this.#cut.isStored !== isStored) return;
		this.wasCut = true;
		throw new PowerCut();
	}

	/** One chapter, and what is left at its end. */
	live(chapter: number): Left {
		this.#chapter = chapter;
		CHAPTERS[chapter]?.live(this);
		const { standing, restricted, ledger } = this.phone;
		const { contract, lock, codes } = ledger;
		return {
			standing,
			restricted: restricted.join(),
			paidUntil: contract?.paidUntilUnixSeconds ?? 0,
			sequence: contract?.lastSequence ?? 0,
			facts: [
				contract?.confirmed,
				contract?.sealed,
				contract?.releasedBy,
				contract?.ownershipReturned,
				lock.passesTakenAtUnixSeconds.length,
				lock.disputedPaidUntilUnixSeconds,
				codes.counter,
			].join(),
		};
	}

	bind(): wire.Bind.$Properties {
		return this.lender.bind({ codeKey: CODE_KEY }, { codeKeySha256: symbolicCrypto.sha256(CODE_KEY) });
	}

	order(sequence: number, fields: Partial<wire.Order.$Properties>, signers = this.lender.keys.command): void {
		const envelope = this.lender.order({ sequence, ...fields }, signers);
		this.do(() => this.phone.order(envelope));
	}

	/** A code for five days more; one code, however often it is typed. */
	enterCode(): void {
		const { codes, contract } = this.phone.ledger;
		if (!contract) throw new Error("no contract");
		const secret = timeCodeSecret(symbolicCrypto, CODE_KEY, contract.devicePublicKey);
		const address = { deviceId: DEVICE_ID, contractId: "C-1001" };
		const request = { counter: codes.counter, nonce: codes.nonce };
		const code = writeTimeCode(symbolicCrypto, secret, address, { kind: "set", value: 5, ...request });
		this.do(() => this.phone.send({ codeEntered: { code } }));
	}

	/** Half a day at a time, with somebody looking, until it stands so. */
	until(standing: string): void {
		for (let halfDays = 120; this.phone.standing !== standing; halfDays -= 1) {
			if (halfDays === 0) throw new Error(`never came to ${standing}`);
			this.#pass();
			this.do(() => this.#look());
		}
	}

	#look(): void {
		for (const { noticeId } of this.phone.effects.notices ?? []) for (const way of BOTH) this.phone.shown(noticeId ?? "", way);
	}

	/** Time that was stored is not lived twice; time that was not is lived again. */
	#pass(): void {
		const { unixSeconds } = this.phone;
		const { poweredOnMs } = this.phone.ledger.time;
		this.do(() => {
			const passedSeconds = (this.phone.ledger.time.poweredOnMs - poweredOnMs) / 1000;
			this.phone.unixSeconds = unixSeconds + passedSeconds;
			if (passedSeconds < DAY / 2) this.phone.live(DAY / 2 - passedSeconds);
		});
	}

	/** Something; after a power cut the phone starts, and it is done once more. */
	do(act: () => unknown): void {
		try {
			act();
		} catch (error) {
			if (!(error instanceof PowerCut)) throw error;
			this.phone.reboot();
			act();
		}
	}
}
