import { grantOf } from "../../../proto/roles.ts";
import { ONLINE_ROLES, WIRE_ROLE } from "../keys/key-folder.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { lockSubject, putEvent } from "./put-event.ts";

const DAY = 24 * 3600;
/** So many days before they end. */
const TOLD_AT_DAYS = [1, 3, 7, 14, 30] as const;

/** Tells of keys that end soon: once for each role and each of the days, however many registries look and however often. */
export async function tellExpiringKeys(context: RegistryContext): Promise<void> {
	const at = nowSeconds(context);
	const { current } = context.keys;
	const soon = ONLINE_ROLES.flatMap((role) => {
		const { expiresAtUnixSeconds } = grantOf(current, WIRE_ROLE[role]);
		const days = TOLD_AT_DAYS.find((each) => expiresAtUnixSeconds - at <= each * DAY);
		return days === undefined || expiresAtUnixSeconds === 0 ? [] : [{ role, expiresAtUnixSeconds, days }];
	});
	if (soon.length === 0) return;
	await inTransaction(context, async (transaction) => {
		await lockSubject(transaction, "registry/keys");
		for (const { role, expiresAtUnixSeconds, days } of soon)
			await putEvent(transaction, {
				subject: "registry/keys",
				type: "keys.expiring",
				at,
				data: { role, keySetVersion: current.version, expiresAtUnixSeconds },
				once: `${current.version}/${role}/${days}`,
			});
	});
}
