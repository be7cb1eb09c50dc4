import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { wire } from "../../../../proto/wire.ts";
import { dropWeeks, eventTables, makeWeeks } from "../../../../provisioning/registry/database/event-partitions.ts";
import { evidence, TestPhone } from "../test-phone.ts";
import { contractRequest, DAY, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";

const WEEK = 7 * DAY;

let registry: TestRegistry;
let phone: TestPhone;
let deviceId = "";
beforeAll(async () => {
	registry = await startTestRegistry();
	await registry.admin.createContract(contractRequest("W-1"));
	phone = new TestPhone();
	const offer = await registry.port.offerEnrollment("W-1", phone.identity);
	await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence("W-1"));
	deviceId = offer.deviceId;
});
afterAll(() => registry?.close());
beforeEach(() => {
	registry.now = START;
});

const report = async (standing: number) =>
	phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn({ status: { standing } })));
/** Counters of the check-ins in each table that holds one. */
async function held(): Promise<Record<string, number[]>> {
	const { rows } = await registry.database.pool.query(
		"SELECT tableoid::regclass::text AS place, counter FROM check_in_events ORDER BY counter",
	);
	const places: Record<string, number[]> = {};
	for (const { place, counter } of rows) places[place] = [...(places[place] ?? []), counter];
	return places;
}
const nameOf = (at: number) => {
	const monday = new Date(at * 1000);
	monday.setUTCHours(0, 0, 0, 0);
	monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
	return `check_in_events_${monday.toISOString().slice(0, 10).replaceAll("-", "")}`;
};

test("a check-in that no week was made for is kept, and goes to its week when that is made, by however many registries at once", async () => {
	await report(wire.Standing.STANDING_UNLOCKED);
	expect(Object.values(await held())).toEqual([[1]]);
	expect(Object.keys(await held())).toEqual(["check_in_events_strays"]);
	await Promise.all([1, 2, 3].map(() => makeWeeks(registry.database.kysely, START)));
	expect(await held()).toEqual({ [nameOf(START)]: [1] });
	registry.now = START + WEEK;
	await report(wire.Standing.STANDING_LOCKED_FULL);
	registry.now = START + 2 * WEEK;
	await report(wire.Standing.STANDING_LOCKED_FULL);
	expect(await held()).toEqual({ [nameOf(START)]: [1], [nameOf(START + WEEK)]: [2], [nameOf(START + 2 * WEEK)]: [3] });
});

test("a week goes as a whole when its last second is too old, and what told of a lock stays with its change", async () => {
	const monday = Date.UTC(2026, 0, 5) / 1000;
	const ends = monday + Math.ceil((START + WEEK - monday) / WEEK) * WEEK; // of the week after START's, at least
	expect(await dropWeeks(registry.database.kysely, ends - 1)).toBeLessThanOrEqual(1);
	expect((await held())[nameOf(ends - 1)]).toBeDefined();
	expect(await dropWeeks(registry.database.kysely, ends)).toBeGreaterThanOrEqual(1);
	expect((await held())[nameOf(ends - 1)]).toBeUndefined();
	expect(Object.values(await held()).flat()).toContain(3);
	const { rows } = await registry.database.pool.query(
		"SELECT after, envelope IS NOT NULL AS kept FROM standing_changes WHERE device_id = $1 ORDER BY counter",
		[deviceId],
	);
	expect(rows).toContainEqual({ after: wire.Standing.STANDING_LOCKED_FULL, kept: true });
	// A phone that checks in again after its week was dropped.
	await report(wire.Standing.STANDING_LOCKED_FULL);
	expect(Object.values(await held()).flat()).toContain(4);
});

test("a table from before there were weeks is read with them, and goes when its newest check-in is too old", async () => {
	const { kysely, pool } = registry.database;
	expect(await eventTables(kysely)).toEqual(["check_in_events"]);
	await pool.query("CREATE TABLE check_in_events_before (LIKE check_in_events)");
	await pool.query("INSERT INTO check_in_events_before VALUES ('old', 1, 1, $1, 'x'), ('old', 1, 2, $2, 'x')", [
		START,
		START + DAY,
	]);
	expect(await eventTables(kysely)).toEqual(["check_in_events", "check_in_events_before"]);
	await dropWeeks(kysely, START + DAY);
	expect(await eventTables(kysely)).toHaveLength(2);
	await dropWeeks(kysely, START + DAY + 1);
	expect(await eventTables(kysely)).toEqual(["check_in_events"]);
});

test("no check-in is refused because its week is made while it is written", async () => {
	const { kysely, pool } = registry.database;
	const phones = await Promise.all(
		Array.from({ length: 8 }, async (_, index) => {
			const each = new TestPhone();
			await registry.admin.createContract(contractRequest(`W-at-once-${index}`));
			const offer = await registry.port.offerEnrollment(`W-at-once-${index}`, each.identity);
			await registry.port.confirmEnrollment(offer.enrollmentId, await each.bind(offer), evidence(`W-at-once-${index}`));
			await registry.port.relayCheckIn(await each.checkIn({ status: { standing: wire.Standing.STANDING_UNLOCKED } }));
			return each;
		}),
	);
	for (let round = 0; round < 6; round += 1) {
		// A week without a table, as long after the last as rounds have passed.
		registry.now = START + (20 + 10 * round) * WEEK;
		const strays = async () =>
			(await pool.query("SELECT FROM check_in_events_strays WHERE at >= $1", [registry.now])).rowCount ?? 0;
		const writing = Promise.all(
			phones.map(async (each) => {
				for (let times = 0; times < 6; times += 1)
					each.takeReply(
						await registry.port.relayCheckIn(await each.checkIn({ status: { standing: wire.Standing.STANDING_UNLOCKED } })),
					);
			}),
		);
		while ((await strays()) === 0) await new Promise((resolve) => setImmediate(resolve));
		await makeWeeks(kysely, registry.now);
		await writing;
		expect(await strays()).toBe(0);
	}
});
