import { type Selectable, sql } from "kysely";

import { wire } from "../../../proto/wire.ts";
import type { RegistryClock } from "../clock-file.ts";
import type { RegistryDatabase } from "../database/database.ts";
import type { FleetSettingsTable } from "../database/schema.ts";

/** How long a reading serves: another registry's change is known here after it at the latest. Seconds of the registry's clock. */
const SETTINGS_SECONDS = 10;
const SIZE_SECONDS = 60;
/** The feed's time is written at most so often, because all of its payments would write the same row. Seconds. */
const TOUCH_SECONDS = 60;
const HOUR = 3600;

export type FleetState = Selectable<FleetSettingsTable>;

/** What every check-in and every restrict order asks of the whole fleet, without asking the database each time. */
export interface FleetWatch {
	/** The shared settings and the feed's last news. */
	state(): Promise<FleetState>;
	/** F5: no news of the payment feed for longer than it may take, or new locks pause by word of the lender. */
	isFeedStale(): Promise<boolean>;
	/** Open contracts whose phone has reported itself. */
	size(): Promise<number>;
	/** News of the payment feed came. */
	feedHeard(): Promise<void>;
	/** The settings were changed here: read them again. */
	forget(): void;
}

export function createFleetWatch(database: RegistryDatabase, clock: RegistryClock): FleetWatch {
	const now = () => Math.floor(clock.nowMs() / 1000);
	const state = remembered(now, SETTINGS_SECONDS, () =>
		database.kysely.selectFrom("fleet_settings").selectAll().where("id", "=", 1).executeTakeFirstOrThrow(),
	);
	const size = remembered(now, SIZE_SECONDS, async () => {
		const { unlocked, full } = { unlocked: wire.Standing.STANDING_UNLOCKED, full: wire.Standing.STANDING_LOCKED_FULL };
		const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM contracts
			WHERE state = 'open' AND standing BETWEEN ${unlocked}::int AND ${full}::int`.execute(database.kysely);
		return rows[0]?.count ?? 0;
	});
	return {
		state: state.read,
		size: size.read,
		async isFeedStale() {
			return now() < (await state.read()).paused_until || feedStaleAt(await state.read()) <= now();
		},
		async feedHeard() {
			const at = now();
			const { numUpdatedRows } = await database.kysely
				.updateTable("fleet_settings")
				.set({ feed_last_at: at })
				.where("id", "=", 1)
				.where("feed_last_at", "<", at - TOUCH_SECONDS)
				.executeTakeFirst();
			if (numUpdatedRows > 0n) state.forget();
		},
		forget() {
			state.forget();
			size.forget();
		},
	};
}

/** When the feed counts as stale if nothing more comes of it, seconds since 1970-01-01T00:00:00Z; infinity if it is not watched. */
export function feedStaleAt({ feed_stale_after_hours, feed_last_at, feed_watched_since }: FleetState): number {
	if (feed_stale_after_hours === 0) return Number.POSITIVE_INFINITY;
	return Math.max(feed_last_at, feed_watched_since) + feed_stale_after_hours * HOUR;
}

/** A reading that serves for some seconds; those who ask meanwhile wait for the same one. */
function remembered<Value>(now: () => number, seconds: number, read: () => Promise<Value>) {
	let last: { readonly at: number; readonly value: Promise<Value> } | undefined;
	return {
		read(): Promise<Value> {
			const at = now();
			if (last && at >= last.at && at < last.at + seconds) return last.value;
			const value = read();
			last = { at, value };
			value.catch(() => {
				if (last?.value === value) last = undefined;
			});
			return value;
		},
		forget() {
			last = undefined;
		},
	};
}
