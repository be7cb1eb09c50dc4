import { decode, equalBytes } from "../../proto/codec.ts";
import { ProtocolError } from "../../proto/error.ts";
import { isReleaseCodeShaped, readReleaseCode, releaseDigest } from "../../proto/release-code.ts";
import { type CodeAddress, isTimeCodeShaped, readTimeCode, type TypedTimeCode, timeCodeSecret } from "../../proto/time-code.ts";
import { wire } from "../../proto/wire.ts";
import { obeyCode } from "../policy/code-effects.ts";
import { codeEntryState, codeRequest, countBadCode, judgeTimeCode, MAX_BAD_CODES, useUp } from "../policy/code-entry.ts";
import { record } from "../policy/decision-log.ts";
import type { ContractRecord, Ledger } from "../policy/ledger.ts";
import { settle, situationOf } from "../policy/settle.ts";
import type { Situation } from "../policy/situation.ts";
import { levelOf } from "../policy/standings.ts";
import type { BorrowerRefusal } from "./borrower.ts";
import { hurryCheckIn } from "./check-in.ts";
import type { Tools, Turn } from "./turn.ts";

/** Longest text that is looked at. */
const MAX_TYPED = 32;

/**
 * A code was typed. Its shape says which kind it is. Only a time code can be guessed, so only time codes are counted and waited
 * for; a release code is read in every state, because the lender that could have answered may be gone.
 */
export function codeEntered(tools: Tools, ledger: Ledger, typed: string, entropy: Uint8Array): Turn {
	const { contract } = ledger;
	if (!contract || contract.releasedBy) return refuse(ledger, "NOT_BOUND");
	if (typed.length > MAX_TYPED) return refuse(ledger, "MISTYPED");
	if (isTimeCodeShaped(typed)) return timeCodeEntered(tools, ledger, typed, entropy);
	return isReleaseCodeShaped(typed) ? releaseCodeEntered(tools, ledger, contract, typed) : refuse(ledger, "MISTYPED");
}

function timeCodeEntered(tools: Tools, ledger: Ledger, text: string, entropy: Uint8Array): Turn {
	const typed = readTimeCode(text);
	if (!typed) return refuse(ledger, "MISTYPED");
	const situation = situationOf(ledger, tools.agreementOf(ledger));
	if (!situation || !codeRequest(ledger)) return refuse(ledger, "NOT_AVAILABLE");
	const state = codeEntryState(ledger);
	if (state === "signedOnly") return refuse(ledger, "SIGNED_ONLY");
	if (state === "backingOff") return refuse(ledger, "BACKING_OFF");

	const { crypto } = tools;
	const { codeKey, devicePublicKey } = situation.contract;
	const secret = timeCodeSecret(crypto, codeKey, devicePublicKey);
	const judged = judgeTimeCode(crypto, secret, addressOf(situation.contract), ledger.codes, typed);
	if (judged.verdict === "used") return refuse(ledger, "USED");
	if (judged.verdict === "wrong") return refuse(countWrong(tools, ledger), "WRONG_CODE");
	const codes = useUp(ledger.codes, judged.counter, typed.kind === "automatic", entropy);
	return accept(taken(tools, { ...situation, ledger: { ...ledger, codes } }, typed));
}

function countWrong(tools: Tools, ledger: Ledger): Ledger {
	const counted = { ...ledger, codes: countBadCode(ledger.codes, ledger.time.poweredOnMs) };
	if (counted.codes.badCodes < MAX_BAD_CODES) return counted;
	return record(tools.crypto, counted, { kind: wire.DecisionKind.DECISION_KIND_CODES_SIGNED_ONLY });
}

function taken(tools: Tools, situation: Situation, typed: TypedTimeCode): Ledger {
	const kind = wire.DecisionKind.DECISION_KIND_CODE_ACCEPTED;
	// What it was and never the code itself: the record leaves the phone.
	const written = record(tools.crypto, obeyCode(situation, typed), { kind, detail: `${typed.kind} ${typed.value}` });
	const heard = typed.kind === "automatic" ? written : contactRestored(tools, written);
	// The lender should hear of it, where there is a network.
	return hurryCheckIn(heard, 0);
}

/**
 * A code that answers the number on the screen is the lender's word, which may have been required after the record was lost. With
 * that requirement ends a protection of the borrower, so it stays while its end would lock the phone here and now: a code only
 * loosens, and the lender's signed reply will end it.
 */
function contactRestored(tools: Tools, ledger: Ledger): Ledger {
	if (!ledger.contact.required) return ledger;
	const cleared: Ledger = { ...ledger, contact: { ...ledger.contact, required: false }, recovery: undefined };
	const levelAfter = (after: Ledger) => levelOf(settle(tools, after, tools.agreementOf(after)).lock.standing);
	if (levelAfter(cleared) > levelAfter(ledger)) return ledger;
	return record(tools.crypto, cleared, { kind: wire.DecisionKind.DECISION_KIND_CONTACT_RESTORED, detail: "code" });
}

/** F7: the phone is free for ever, whatever else holds. A wrong one is not counted: nobody guesses 80 bits. */
function releaseCodeEntered(tools: Tools, ledger: Ledger, contract: ContractRecord, text: string): Turn {
	const secret = readReleaseCode(text);
	if (!secret) return refuse(ledger, "MISTYPED");
	const digest = releaseDigestIn(contract);
	if (digest.length === 0) return refuse(ledger, "NOT_AVAILABLE");
	if (!equalBytes(releaseDigest(tools.crypto, addressOf(contract), secret), digest)) return refuse(ledger, "WRONG_CODE");
	const freed = { ...ledger, contract: { ...contract, releasedBy: wire.ReleaseCause.RELEASE_CAUSE_CODE } };
	return accept(record(tools.crypto, freed, { kind: wire.DecisionKind.DECISION_KIND_CODE_ACCEPTED, detail: "release" }));
}

/** Read by itself: terms that this agent does not know in everything else still hold the way out. */
function releaseDigestIn(contract: ContractRecord): Uint8Array {
	try {
		return decode(wire.Terms, contract.terms).releaseDigest;
	} catch (error) {
		if (error instanceof ProtocolError) return new Uint8Array();
		throw error;
	}
}

function addressOf(contract: ContractRecord): CodeAddress {
	const { deviceId, contractId } = decode(wire.Binding, contract.binding);
	return { deviceId, contractId };
}

function accept(ledger: Ledger): Turn {
	return { ledger, answer: { accepted: true, code: "" } };
}

function refuse(ledger: Ledger, code: BorrowerRefusal): Turn {
	return { ledger, answer: { accepted: false, code } };
}
