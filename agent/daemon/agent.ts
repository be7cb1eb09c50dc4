import { equalBytes } from "../../proto/codec.ts";
import type { Crypto } from "../../proto/crypto.ts";
import type { wire } from "../../proto/wire.ts";
import { beginCodes, renewCodes } from "../policy/code-entry.ts";
import type { Ledger } from "../policy/ledger.ts";
import { createStandingRule } from "../policy/machine.ts";
import { beginSession, chargeUntil } from "../policy/offline-budget.ts";
import { settle } from "../policy/settle.ts";
import { type Agreement, readAgreement } from "../policy/terms.ts";
import { advance, type PoweredOnInstant } from "../policy/trusted-time.ts";
import { hurryCheckIn, isCheckInDue, startCheckIn } from "./check-in.ts";
import { effectsOf } from "./effects.ts";
import { type HostEvent, react } from "./events.ts";
import { fault } from "./faults.ts";
import type { Opened } from "./ledger-file.ts";
import { entriesOf } from "./record.ts";
import { ledgerToGoBy } from "./recovery.ts";
import type { Tools, Turn } from "./turn.ts";

/** A change of standing is reported within a minute or so, not by every phone at the same second. */
const REPORT_WITHIN_MS = 60_000;

/** A readable event, at a believable moment. */
export type TimedEvent = HostEvent & { readonly now: PoweredOnInstant };

/** The agent between the bytes: what {@link Daemon.handle} does with a ledger and an event once they are read. */
export interface Agent {
	/**
	 * What an event makes of the phone.
	 *
	 * @param found what is stored, and what it turned out to be.
	 * @param anchor the second memory, if there is one.
	 */
	step(found: Exclude<Opened, { kind: "newer" }>, anchor: Ledger | undefined, event: TimedEvent): Turn;
	/** Everything that should hold after a step, and what the step led to besides. */
	effects(turn: Turn): wire.HostEffects.$Properties;
}

export function createAgent({ crypto }: { crypto: Crypto }): Agent {
	const tools: Tools = { crypto, standingAfter: createStandingRule(), agreementOf: createAgreementReader() };
	return {
		step: (found, anchor, event) => step(tools, found, anchor, event),
		effects: (turn) => effectsOf(tools, turn),
	};
}

function step(tools: Tools, found: Exclude<Opened, { kind: "newer" }>, anchor: Ledger | undefined, event: TimedEvent): Turn {
	const toGoBy = ledgerToGoBy(tools, found, anchor);
	const isFromAnchor = toGoBy !== found.ledger && toGoBy.contract !== undefined;
	const before = isFromAnchor ? { ...toGoBy, codes: renewCodes(toGoBy.codes, event.entropy) } : toGoBy;
	const faults = [
		...(found.kind === "unreadable" ? [fault("LEDGER_UNREADABLE", "")] : []),
		...(isFromAnchor ? [fault("LEDGER_FROM_ANCHOR", "")] : []),
		...(before.contract && !tools.agreementOf(before) ? [fault("TERMS_UNKNOWN", "")] : []),
	];
	const present = arriveAt(before, event.now);
	const turn = react(tools, present, event);
	const asking = beginCodes(turn.ledger, event.entropy);
	const settled = settle(tools, asking, tools.agreementOf(asking));
	const ledger = checkInIfDue(tools, reportStanding(before, settled, event), event);
	return {
		...turn,
		ledger: { ...ledger, generation: before.generation + 1, decided: [] },
		faults: [...faults, ...(turn.faults ?? [])],
		record: entriesOf(ledger),
	};
}

/** The moment is reached, and paid for, before anything in the event is looked at. */
function arriveAt(before: Ledger, now: PoweredOnInstant): Ledger {
	const { time, newSessionFromMs } = advance(before.time, now);
	const begun = newSessionFromMs === undefined ? before.contact : beginSession(before.contact, newSessionFromMs);
	const counts = before.contract && !before.contract.releasedBy;
	return { ...before, time, contact: counts ? chargeUntil(begun, now.elapsedMs) : begun };
}

function reportStanding(before: Ledger, after: Ledger, event: HostEvent): Ledger {
	if (!after.contract?.confirmed || after.lock.standing === before.lock.standing) return after;
	const spread = ((event.entropy[16] ?? 0) / 256) * REPORT_WITHIN_MS;
	return hurryCheckIn(after, Math.round(spread));
}

function checkInIfDue(tools: Tools, ledger: Ledger, event: HostEvent): Ledger {
	if (!ledger.contract || !isCheckInDue(ledger)) return ledger;
	return startCheckIn(tools, ledger, ledger.contract, event.entropy, "network");
}

/** Reading terms is most of an event's cost, and they hardly ever change: the last ones read are remembered. */
function createAgreementReader(): Tools["agreementOf"] {
	let last: { seen: Uint8Array; terms: Uint8Array; agreement: Agreement | undefined } | undefined;
	return ({ contract }) => {
		if (!contract) return undefined;
		const { terms } = contract;
		// Within an event it is the same array, of which nobody changes anything.
		if (last?.seen === terms) return last.agreement;
		if (last && equalBytes(last.terms, terms)) {
			last.seen = terms;
		} else {
			const read = readAgreement(terms);
			last = { seen: terms, terms: Uint8Array.from(terms), agreement: "problem" in read ? undefined : read };
		}
		return last.agreement;
	};
}
