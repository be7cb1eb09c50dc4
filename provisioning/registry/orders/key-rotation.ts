import { sql, type Transaction } from "kysely";

import { decodeCanonical } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import type { OrderRow, Tables } from "../database/schema.ts";
import type { RegistryContext } from "../registry-context.ts";
import { issueAgain, putOrder, signAgain, supersedePending } from "./outbox.ts";

/** Key sets that an agent takes from one message. */
const MAX_KEY_SETS = 16;

/** Where a phone stands: the key set it trusts, and the last order it accepted in that set's epoch. */
export interface PhonePosition {
	readonly version: number;
	readonly epoch: number;
	readonly lastSequence: number;
}

/**
 * Notes which key set a phone trusts, and goes on counting its orders in that epoch: after every order ever given out in it, after
 * every one the phone accepted, even if it was not ours (recovery from a fast-forward attack), and never back: what a restored
 * database skips may be the numbers of orders that it has forgotten.
 */
export async function moveDevice(transaction: Transaction<Tables>, deviceId: string, position: PhonePosition): Promise<void> {
	await transaction
		.updateTable("devices")
		.set({
			key_set_version: position.version,
			order_epoch: position.epoch,
			last_sequence: sql`greatest(
				${position.lastSequence}::bigint,
				CASE WHEN order_epoch = ${position.epoch} THEN last_sequence ELSE 0 END,
				(SELECT coalesce(max(sequence), 0) FROM orders WHERE device_id = ${deviceId} AND epoch = ${position.epoch})
			)`,
		})
		.where("device_id", "=", deviceId)
		.execute();
}

/**
 * Makes every pending order acceptable to the phone as it stands: signed in a name that it believes, in its epoch, after its
 * last sequence. Orders that are all that already stay as they are. Last comes a NewKeys order if the phone is behind.
 *
 * The caller holds the device's row.
 */
export async function bringUpToDate(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	deviceId: string,
	contractId: string,
	position: PhonePosition,
): Promise<OrderRow[]> {
	await moveDevice(transaction, deviceId, position);
	const pending = await transaction
		.selectFrom("orders")
		.selectAll()
		.where("device_id", "=", deviceId)
		.where("state", "=", "pending")
		.orderBy("epoch")
		.orderBy("sequence")
		.execute();
	const ready: OrderRow[] = [];
	for (const row of pending) {
		if (row.action === "newKeys") continue;
		const inTurn = row.epoch === position.epoch && row.sequence > position.lastSequence;
		// A release is accepted in any epoch and out of turn: it stays the one that the certificate names.
		const next =
			inTurn || row.action === "release"
				? await signAgain(context, transaction, row, position.version)
				: await issueAgain(context, transaction, row);
		if (next) ready.push(next);
	}
	ready.sort((a, b) => a.sequence - b.sequence);
	const newKeys = await newKeysFor(context, transaction, deviceId, contractId, position, pending);
	return newKeys ? [...ready, newKeys] : ready;
}

async function newKeysFor(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	deviceId: string,
	contractId: string,
	{ version, epoch, lastSequence }: PhonePosition,
	pending: readonly OrderRow[],
): Promise<OrderRow | undefined> {
	const { keySetEnvelopes, current } = context.keys;
	const wanted = Math.min(current.version, version + MAX_KEY_SETS) - version;
	const known = pending.find(
		(row) =>
			row.action === "newKeys" &&
			row.epoch === epoch &&
			row.sequence > lastSequence &&
			row.key_set_version === version &&
			decodeCanonical(wire.Order, row.payload).newKeys?.keySetEnvelopes.length === wanted,
	);
	if (known && wanted > 0) return known;
	await supersedePending(transaction, deviceId, ["newKeys"]);
	if (wanted <= 0) return undefined;
	return putOrder(context, transaction, {
		deviceId,
		contractId,
		action: {
			newKeys: { keySetEnvelopes: keySetEnvelopes.slice(version, version + wanted).map((envelope) => Uint8Array.from(envelope)) },
		},
		reason: "service",
	});
}
