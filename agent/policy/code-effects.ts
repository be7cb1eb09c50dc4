import type { TypedTimeCode } from "../../proto/time-code.ts";
import type { ContactRecord, ContractRecord, Ledger } from "./ledger.ts";
import { forgetOfflineWarnings } from "./notices.ts";
import { refill, spentMs } from "./offline-budget.ts";
import type { Situation } from "./situation.ts";
import { finalDue, MAX_EXTENSION_SECONDS } from "./terms.ts";
import { trustedNow } from "./trusted-time.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

/**
 * What a good code does. Each of them is also contact: somebody who holds the lender's secret knew this phone's question, so the
 * offline budget is paid back. It teaches no time: a code carries none.
 */
export function obeyCode(situation: Situation, code: Pick<TypedTimeCode, "kind" | "value">): Ledger {
	const { ledger, contract } = situation;
	return {
		...ledger,
		contract: { ...contract, ...changesBy(situation, code) },
		contact: payBack(ledger.contact, ledger.time.elapsedMs),
		notices: forgetOfflineWarnings(ledger.notices),
	};
}

function changesBy(situation: Situation, { kind, value }: Pick<TypedTimeCode, "kind" | "value">): Partial<ContractRecord> {
	const { ledger, contract } = situation;
	const now = trustedNow(ledger.time);
	switch (kind) {
		case "set":
			return { paidUntilUnixSeconds: extended(situation, now + value * DAY) };
		case "add":
		case "automatic":
			return { paidUntilUnixSeconds: extended(situation, contract.paidUntilUnixSeconds + value * DAY) };
		case "service":
			return serviceWindow(contract, now, now + value * HOUR);
		case "contact":
			return {};
	}
}

/** As far as an Extend may go, and never back. */
function extended({ contract, terms }: Situation, until: number): number {
	return Math.max(contract.paidUntilUnixSeconds, Math.min(until, finalDue(terms) + MAX_EXTENSION_SECONDS));
}

/** A window that is open already never closes earlier for it. */
function serviceWindow(contract: ContractRecord, now: number, closes: number): Partial<ContractRecord> {
	const isOpen = now >= contract.serviceOpensAtUnixSeconds && now < contract.serviceClosesAtUnixSeconds;
	return isOpen
		? { serviceClosesAtUnixSeconds: Math.max(contract.serviceClosesAtUnixSeconds, closes) }
		: { serviceOpensAtUnixSeconds: now, serviceClosesAtUnixSeconds: closes };
}

/** The budget is whole again. What a check-in under way would have paid back is paid: its answer pays it no second time. */
function payBack(contact: ContactRecord, elapsedMs: number): ContactRecord {
	const spent = spentMs(contact, elapsedMs);
	const open = contact.open.map((checkIn) => ({ ...checkIn, spentMs: Math.max(0, checkIn.spentMs - spent) }));
	return { ...refill(contact, { spentMs: spent }), open };
}
