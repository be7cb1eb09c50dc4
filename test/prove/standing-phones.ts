import { closeLedger } from "../../agent/daemon/ledger-file.ts";
import { anchorOf } from "../../agent/daemon/recovery.ts";
import { wire } from "../../proto/wire.ts";
import { DAY, EPOCH, HOUR, IMEI1, IMEI2, termsOf } from "../agent/test-lender.ts";
import { keyring, SymbolicLender } from "./lender.ts";
import { symbolicCrypto } from "./symbolic-crypto.ts";
import { type Question, SymbolicPhone } from "./symbolic-phone.ts";

/** Standings that a phone can be brought to, by name. */
export const STANDINGS = [
	"unbound",
	"pending",
	"unconfirmed",
	"unlocked",
	"grace",
	"limited",
	"full",
	"pass",
	"held",
	"released",
	"returned",
	"recovered",
] as const;
export type StandingName = (typeof STANDINGS)[number];

/** A phone at a standing, and the lender it belongs to. */
export interface StandingPhone {
	readonly name: StandingName;
	readonly phone: SymbolicPhone;
	readonly lender: SymbolicLender;
	/** Sequence of the last order that the phone took. */
	readonly sequence: number;
	/** The last question to the lender that waits for its answer. */
	readonly question: Question | undefined;
}

const BOTH = ["notification", "screen"] as const;

/** The terms that every one of them is bound by. */
export function standingTerms(): wire.Terms.$Properties {
	return termsOf({
		offline: { budgetSeconds: 0, warnAtRemainingSeconds: [], level: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED },
	});
}

/** Brings a new phone to a standing by living there. */
export function phoneAt(name: StandingName): StandingPhone {
	const lender = new SymbolicLender(standingTerms(), keyring(1));
	const phone = new SymbolicPhone();
	let question: Question | undefined;
	let isUp = name !== "unconfirmed";
	phone.onQuestion = (asked) => {
		question = asked;
		if (isUp) phone.answer(lender.reply(asked, Math.floor(phone.unixSeconds)));
	};
	if (name === "unbound" || name === "pending") {
		phone.send({ started: {} });
		phone.readFacts({ imeis: [IMEI1, IMEI2], serial: "SERIAL1", deviceOwner: true, agentVersion: "1.0.0" });
		phone.isKeyAwaited = name === "pending";
		if (name === "pending") phone.begin({ bind: lender.bind() });
		return { name, phone, lender, sequence: 0, question };
	}
	phone.bind(lender, bindWithCodes(lender));
	if (name !== "unconfirmed") phone.cable({ seal: {} });
	let sequence = 0;
	const order = (fields: Partial<wire.Order.$Properties>, signers = lender.keys.command) => {
		sequence += 1;
		phone.order(lender.order({ sequence, ...fields }, signers));
	};
	const liveTo = (standing: string) => {
		for (let half = 0; half < 200 && phone.standing !== standing; half += 1) {
			phone.live(DAY / 2);
			for (const { noticeId } of phone.effects.notices ?? []) for (const way of BOTH) phone.shown(noticeId ?? "", way);
		}
		if (phone.standing !== standing) throw new Error(`did not come to ${standing}`);
	};
	if (name === "grace") liveTo("GRACE");
	if (name === "limited" || name === "pass") liveTo("LOCKED_LIMITED");
	if (name === "full") liveTo("LOCKED_FULL");
	if (name === "pass") phone.send({ passTaken: {} });
	if (name === "held") {
		liveTo("GRACE");
		const untilUnixSeconds = EPOCH + 60 * DAY;
		order({ hold: { kind: wire.HoldKind.HOLD_KIND_DISASTER, untilUnixSeconds } });
		phone.live(5 * DAY);
	}
	if (name === "released" || name === "returned") {
		isUp = name === "returned";
		phone.keepsOwnership = name === "released";
		order({ release: { certificateId: "P-1" } }, lender.keys.release);
	}
	isUp = false;
	if (name === "recovered") phone.loseLedger();
	if (name !== "returned") {
		phone.live(HOUR);
		phone.cable({ startCheckIn: {} });
	}
	return { name, phone, lender, sequence, question };
}

/** Secret of its time codes. */
export const CODE_KEY = new Uint8Array(32).fill(3);

function bindWithCodes(lender: SymbolicLender): wire.Bind.$Properties {
	return lender.bind({ codeKey: CODE_KEY }, { codeKeySha256: symbolicCrypto.sha256(CODE_KEY) });
}

/** What a phone's host has stored: the ledger and its second memory. */
export function storedBy(phone: SymbolicPhone): { ledger: Uint8Array; anchor: Uint8Array } {
	return { ledger: closeLedger(phone.ledger), anchor: closeLedger(anchorOf(phone.ledger)) };
}
