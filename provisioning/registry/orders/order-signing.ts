import { encode } from "../../../proto/codec.ts";
import type { Signer } from "../../../proto/crypto.ts";
import { PayloadType, sealBytes } from "../../../proto/envelope.ts";
import { isRoleCurrent } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import type { OnlineRole } from "../keys/key-folder.ts";
import { WIRE_ROLE } from "../keys/key-folder.ts";
import type { LenderKeys } from "../keys/lender-keys.ts";
import { refusal } from "../refusal.ts";

type Action = NonNullable<wire.Order.$Properties["action"]>;

/** Roles that may sign each order, the preferred one first (proto/holdfast/v1/order.proto). */
const SIGNED_BY: Readonly<Record<Action, readonly OnlineRole[]>> = {
	extend: ["command", "release"],
	restrict: ["command"],
	restore: ["command", "release"],
	notice: ["command"],
	hold: ["command", "release"],
	serviceWindow: ["command", "release"],
	rebind: ["command"],
	newTerms: ["command"],
	// Its authority is in the key sets; a signature only moves the phone's sequence.
	newKeys: ["command", "release"],
	release: ["release"],
};

const TIGHTENING: ReadonlySet<Action> = new Set<Action>(["restrict", "notice", "rebind"]);

/** Whether a phone refuses this order after a time. Loosening never expires. */
export function expires(action: Action): boolean {
	return TIGHTENING.has(action);
}

/**
 * Signs an order's bytes in the name that a phone at this version of the key set believes.
 *
 * @throws {Refusal} KEYS_EXPIRED if it tightens and the command role's time is over.
 */
export async function signOrder(
	keys: LenderKeys,
	version: number,
	action: Action,
	payload: Uint8Array,
	nowUnixSeconds: number,
): Promise<Uint8Array> {
	return sealBytes(PayloadType.order, payload, [signerFor(keys, version, action, nowUnixSeconds)]);
}

function signerFor(keys: LenderKeys, version: number, action: Action, nowUnixSeconds: number): Signer {
	const keySet = keys.keySets[version - 1];
	const held = SIGNED_BY[action].flatMap((role) => {
		// A key that was deleted after a theft is replaced by the current one: the phone learns of it from the key sets.
		const signer = keys.signer(role, version) ?? keys.signer(role);
		return signer ? [{ signer, current: keySet !== undefined && isRoleCurrent(keySet, WIRE_ROLE[role], nowUnixSeconds) }] : [];
	});
	// Where nothing expires a key past its time will do, but one in its time is better.
	const chosen = held.find(({ current }) => current) ?? (expires(action) ? undefined : held[0]);
	if (chosen) return chosen.signer;
	throw refusal(
		"KEYS_EXPIRED",
		`The lender's key for ${action} orders has expired or is missing.`,
		"Rotate the keys: holdfast keys propose, for trials holdfast keys rotate. A running registry takes them up by itself.",
	);
}

/** What every order carries beside its action. */
export interface OrderHead {
	readonly deviceId: string;
	readonly contractId: string;
	readonly lenderId: string;
	readonly epoch: number;
	readonly sequence: number;
	readonly issuedAtUnixSeconds: number;
	readonly expiresAtUnixSeconds: number;
	readonly reason: wire.ReasonCode;
}

/** One of an order's actions, by its name on the wire. */
export type OrderAction = {
	readonly [Name in Action]: { readonly [Key in Name]: NonNullable<wire.Order.$Properties[Name]> };
}[Action];

export function encodeOrder(head: OrderHead, action: OrderAction): Uint8Array {
	return encode(wire.Order, { ...head, ...action });
}

/** Name of an action on the wire. */
export function actionName(action: OrderAction): Action {
	const [name] = Object.keys(action);
	if (name === undefined || !isAction(name)) throw new TypeError("an order without an action");
	return name;
}

export function isAction(name: string): name is Action {
	return Object.hasOwn(SIGNED_BY, name);
}
