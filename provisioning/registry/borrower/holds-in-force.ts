import { decodeCanonical } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import type { Connection } from "../database/database.ts";

/** Holds that were issued for a phone and not refused by it, which stand at a time. Longest first. */
export async function holdsInForce(
	connection: Connection,
	deviceId: string,
	now: number,
): Promise<{ kind: wire.HoldKind; untilUnixSeconds: number }[]> {
	const rows = await connection
		.selectFrom("orders")
		.select("payload")
		.where("device_id", "=", deviceId)
		.where("action", "=", "hold")
		.where("state", "in", ["pending", "accepted"])
		.execute();
	return rows
		.flatMap(({ payload }) => {
			const { hold } = decodeCanonical(wire.Order, payload);
			return hold && hold.untilUnixSeconds > now ? [{ kind: hold.kind, untilUnixSeconds: hold.untilUnixSeconds }] : [];
		})
		.sort((a, b) => b.untilUnixSeconds - a.untilUnixSeconds);
}
