import type { Crypto } from "../../proto/crypto.ts";
import { wire } from "../../proto/wire.ts";
import { record } from "../policy/decision-log.ts";
import { emptyLedger, type Ledger } from "../policy/ledger.ts";
import { chargeAllBut } from "../policy/offline-budget.ts";
import type { Tools } from "./turn.ts";

/** What is left of the offline budget when the record was lost or put back: time to reach the lender, and never a new budget. */
const GRACE_MS = 7 * 24 * 3600 * 1000;

/**
 * What the host keeps apart from the ledger: all of it but what only matters until the next event, and what is read from the
 * platform again.
 */
export function anchorOf(ledger: Ledger): Ledger {
	const { handset, posture } = emptyLedger();
	return { ...ledger, pendingBinding: undefined, signatures: [], handset, posture, log: { ...ledger.log, recent: [] } };
}

/**
 * The ledger to go by. Normally it is the stored one. If that is older than the anchor, or lost, or cannot be read, the anchor
 * takes its place: what was locked stays locked, what was free stays free, what was released stays released. The lender's word
 * is then required: the offline budget shrinks to a grace, once, and floor.ts lets nothing new be locked at once.
 *
 * @param found what the stored bytes were: nothing, a ledger, or bytes that are none.
 */
export function ledgerToGoBy(
	tools: Pick<Tools, "crypto" | "agreementOf">,
	found: { readonly kind: "none" | "ledger" | "unreadable"; readonly ledger: Ledger },
	anchor: Ledger | undefined,
): Ledger {
	if (!anchor || (found.kind === "ledger" && found.ledger.generation >= anchor.generation)) return found.ledger;
	const isLost = found.kind !== "ledger";
	// Without a contract there is nothing that could be lost.
	if (!anchor.contract) return isLost ? found.ledger : { ...found.ledger, generation: anchor.generation };
	const kind = isLost ? wire.DecisionKind.DECISION_KIND_RECORD_LOST : wire.DecisionKind.DECISION_KIND_RECORD_RESTORED;
	const unreadable = found.ledger.recovery?.unreadable ?? new Uint8Array();
	return requireContact(tools, anchor, kind, unreadable);
}

function requireContact(
	tools: { crypto: Pick<Crypto, "sha256"> } & Pick<Tools, "agreementOf">,
	anchor: Ledger,
	kind: wire.DecisionKind,
	unreadable: Uint8Array,
): Ledger {
	const budgetSeconds = tools.agreementOf(anchor)?.terms.offline.budgetSeconds ?? 0;
	const contact = anchor.contact.required ? anchor.contact : chargeAllBut(anchor.contact, budgetSeconds, GRACE_MS);
	const sincePoweredOnMs = anchor.recovery?.sincePoweredOnMs ?? anchor.time.poweredOnMs;
	return record(
		tools.crypto,
		{
			...anchor,
			contact: { ...contact, required: true, nextAtPoweredOnMs: anchor.time.poweredOnMs },
			recovery: { unreadable, sincePoweredOnMs },
		},
		{ kind },
	);
}
