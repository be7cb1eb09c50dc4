import { decode, decodeCanonical, type Message } from "../../proto/codec.ts";
import { PayloadType, readEnvelope } from "../../proto/envelope.ts";
import { ProtocolError } from "../../proto/error.ts";
import { acceptFromRoles, isRoleCurrent } from "../../proto/roles.ts";
import type { FloorRule } from "../../proto/terms-floor.ts";
import { wire } from "../../proto/wire.ts";
import { record } from "../policy/decision-log.ts";
import type { ContractRecord, Ledger } from "../policy/ledger.ts";
import { settle, situationOf } from "../policy/settle.ts";
import { trustedNow } from "../policy/trusted-time.ts";
import { type Fault, fault } from "./faults.ts";
import { takeKeySets, trustedKeySet } from "./key-sets.ts";
import { obey, tightens } from "./order-actions.ts";
import { type OrderOutcome, type OrderRefusal, reportOutcome } from "./outcomes.ts";
import type { Tools } from "./turn.ts";

export type Order = Message<wire.Order.$Properties>;

const { ROLE_ROOT: ROOT, ROLE_COMMAND: COMMAND, ROLE_RELEASE: RELEASE } = wire.Role;
const {
	ORDER_RESULT_ACCEPTED: ACCEPTED,
	ORDER_RESULT_REFUSED: REFUSED,
	ORDER_RESULT_BELOW_FLOOR: BELOW_FLOOR,
} = wire.OrderResult;

/** A tightening order may be ahead of the phone's trusted time by the lender's clocks' own spread, and no more. */
const CLOCK_SPREAD_SECONDS = 3600;

/** Who may order what (proto/holdfast/v1/order.proto). NewKeys is not here: its authority is in the key sets. */
const MAY_ORDER: Readonly<Record<Exclude<NonNullable<Order["action"]>, "newKeys">, readonly wire.Role[]>> = {
	extend: [COMMAND, RELEASE],
	restrict: [COMMAND],
	restore: [COMMAND, RELEASE],
	notice: [COMMAND],
	hold: [COMMAND, RELEASE],
	serviceWindow: [COMMAND, RELEASE],
	rebind: [COMMAND],
	newTerms: [COMMAND, ROOT],
	release: [RELEASE],
};

/** What became of several orders. */
export interface Delivered {
	readonly ledger: Ledger;
	/** One for each order, in their order. */
	readonly outcomes: readonly OrderOutcome[];
	readonly faults: readonly Fault[];
}

/** Takes orders one after the other. Each is judged by what the ones before it made of the phone. */
export function deliverOrders(tools: Tools, before: Ledger, envelopes: readonly Uint8Array[]): Delivered {
	let ledger = before;
	const outcomes: OrderOutcome[] = [];
	const faults: Fault[] = [];
	for (const envelope of envelopes) {
		const taken = takeOrder(tools, ledger, envelope);
		// Settled after each: the floor asks about a phone on which the earlier orders already hold.
		ledger = taken.ledger === ledger ? ledger : settle(tools, taken.ledger, tools.agreementOf(taken.ledger));
		outcomes.push(taken.outcome);
		if (taken.outcome.result !== ACCEPTED) faults.push(fault("ORDER_REFUSED", taken.outcome.rule));
	}
	return { ledger, outcomes, faults };
}

interface SignedOrder {
	readonly order: Order;
	readonly envelope: Uint8Array;
}

interface Taken {
	readonly ledger: Ledger;
	readonly outcome: OrderOutcome;
}

function takeOrder(tools: Tools, ledger: Ledger, envelope: Uint8Array): Taken {
	const { contract } = ledger;
	if (!contract) return { ledger, outcome: refused(undefined, "WRONG_ADDRESSEE") };
	try {
		return takeSigned(tools, ledger, contract, envelope);
	} catch (error) {
		if (!(error instanceof ProtocolError)) throw error;
		return { ledger, outcome: refused(undefined, "UNTRUSTED") };
	}
}

function takeSigned(tools: Tools, ledger: Ledger, contract: ContractRecord, envelope: Uint8Array): Taken {
	const renewed = takeKeysFrom(tools, contract, envelope);
	if (renewed) return takeNewKeys(tools, keysTaken(tools, ledger, renewed, envelope), renewed, envelope);

	const keySet = trustedKeySet(contract);
	// Expiry is asked about below: it is nothing to an order that loosens.
	const { message: order, role } = acceptFromRoles(
		tools.crypto,
		keySet,
		[COMMAND, RELEASE, ROOT],
		wire.Order,
		PayloadType.order,
		envelope,
		undefined,
	);
	const { action } = order;
	if (!isAddressedTo(contract, order)) return { ledger, outcome: refused(undefined, "WRONG_ADDRESSEE") }; // F15
	// takeKeysFrom found nothing in it that could be taken.
	if (!action || action === "newKeys") return { ledger, outcome: refused(order, "UNTRUSTED") };
	if (!MAY_ORDER[action].includes(role)) return { ledger, outcome: refused(order, "WRONG_ROLE") };

	// F7: at any time, in any order, replayed or not. Everything else needs its turn.
	if (action !== "release") {
		if (contract.releasedBy) return { ledger, outcome: refused(order, "ENDED") };
		if (order.epoch !== keySet.epoch) return { ledger, outcome: refused(order, "WRONG_EPOCH") };
		if (order.sequence <= contract.lastSequence) return { ledger, outcome: refused(order, "REPLAYED") };
	}
	const now = trustedNow(ledger.time);
	const isTightening = tightens(tools, ledger, order);
	// Its turn is not taken by it: once the phone has heard the time, the same order may come again.
	if (isTightening && order.issuedAtUnixSeconds > now + CLOCK_SPREAD_SECONDS)
		return { ledger, outcome: refused(order, "FROM_THE_FUTURE") };

	const turned = withSequence(ledger, contract, order, keySet.epoch);
	const signed = { order, envelope };
	if (isTightening && !isRoleCurrent(keySet, role, now)) return write(tools, turned, signed, refused(order, "ROLE_EXPIRED"));
	if (isTightening && now >= order.expiresAtUnixSeconds) return write(tools, turned, signed, refused(order, "EXPIRED"));

	const agreement = tools.agreementOf(turned);
	const situation = situationOf(turned, agreement);
	// Terms that are not understood cannot be ordered by; the way out is open all the same.
	if (!situation && action !== "release") return write(tools, turned, signed, refused(order, "OUT_OF_BOUNDS"));
	const obeyed = obey(tools, turned, situation, order, role);
	if ("refusal" in obeyed) return write(tools, turned, signed, refused(order, obeyed.refusal));
	if ("rule" in obeyed) return write(tools, turned, signed, belowFloor(order, obeyed.rule));
	return write(tools, obeyed.ledger, signed, accepted(order));
}

/** An authentic order is written down and reported, whatever became of it (F12). */
function write(tools: Tools, ledger: Ledger, { order, envelope }: SignedOrder, outcome: OrderOutcome): Taken {
	const isAccepted = outcome.result === ACCEPTED;
	const noted = record(tools.crypto, ledger, {
		kind: isAccepted ? wire.DecisionKind.DECISION_KIND_ORDER_ACCEPTED : wire.DecisionKind.DECISION_KIND_ORDER_REFUSED,
		orderEpoch: order.epoch,
		orderSequence: order.sequence,
		reason: order.reason,
		detail: isAccepted ? (order.action ?? "") : outcome.rule,
		evidence: { orderEnvelope: envelope },
	});
	return { ledger: reportOutcome(noted, outcome), outcome };
}

/** Never back: a release that comes out of turn leaves the sequence where it is. */
function withSequence(ledger: Ledger, contract: ContractRecord, order: Order, epoch: number): Ledger {
	if (order.epoch !== epoch || order.sequence <= contract.lastSequence) return ledger;
	return { ...ledger, contract: { ...contract, lastSequence: order.sequence } };
}

/**
 * Takes the key sets out of an order, if it is one that brings some to this phone; `undefined` if it is not. The order's
 * own signature is not asked for: who lost every online key can still say so, because the root signs key sets.
 *
 * @throws {ProtocolError} if its key sets do not follow from the trusted one.
 */
export function takeKeysFrom(
	tools: Pick<Tools, "crypto">,
	contract: ContractRecord,
	envelope: Uint8Array,
): ContractRecord | undefined {
	const claimed = decodeCanonical(wire.Order, readEnvelope(envelope, PayloadType.order).payload);
	if (claimed.action !== "newKeys" || !claimed.newKeys || !isAddressedTo(contract, claimed)) return undefined;
	return takeKeySets(tools.crypto, contract, claimed.newKeys.keySetEnvelopes);
}

/** Newer keys are written down whatever becomes of the order that brought them: what comes later is judged by them (F12). */
export function keysTaken(tools: Pick<Tools, "crypto">, before: Ledger, renewed: ContractRecord, envelope: Uint8Array): Ledger {
	const ledger: Ledger = { ...before, contract: renewed };
	if (before.contract === renewed) return ledger;
	const made = { kind: wire.DecisionKind.DECISION_KIND_KEYS_TAKEN, detail: String(trustedKeySet(renewed).version) };
	return record(tools.crypto, ledger, { ...made, evidence: { orderEnvelope: envelope } });
}

/** The sequence moves only for an order that somebody entitled signed under the keys that are trusted now. */
function takeNewKeys(tools: Tools, ledger: Ledger, contract: ContractRecord, envelope: Uint8Array): Taken {
	const keySet = trustedKeySet(contract);
	const claimed = decodeCanonical(wire.Order, readEnvelope(envelope, PayloadType.order).payload);
	try {
		const { message: order } = acceptFromRoles(
			tools.crypto,
			keySet,
			[COMMAND, RELEASE, ROOT],
			wire.Order,
			PayloadType.order,
			envelope,
			undefined,
		);
		const moves = order.epoch === keySet.epoch && order.sequence > contract.lastSequence;
		if (moves) return write(tools, withSequence(ledger, contract, order, keySet.epoch), { order, envelope }, accepted(order));
	} catch (error) {
		if (!(error instanceof ProtocolError)) throw error;
	}
	return { ledger, outcome: accepted(claimed) };
}

function isAddressedTo(contract: ContractRecord, order: Order): boolean {
	const binding = decode(wire.Binding, contract.binding);
	return order.deviceId === binding.deviceId && order.contractId === binding.contractId && order.lenderId === binding.lenderId;
}

function accepted(order: Order): OrderOutcome {
	return { sequence: order.sequence, epoch: order.epoch, result: ACCEPTED, rule: "" };
}

function refused(order: Order | undefined, rule: OrderRefusal): OrderOutcome {
	return { sequence: order?.sequence ?? 0, epoch: order?.epoch ?? 0, result: REFUSED, rule };
}

function belowFloor(order: Order, rule: FloorRule): OrderOutcome {
	return { sequence: order.sequence, epoch: order.epoch, result: BELOW_FLOOR, rule };
}
