import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { wire } from "../../../../proto/wire.ts";
import { findAuditBreak } from "../../../../provisioning/registry/audit-log.ts";
import { createAccessClient } from "../../../../provisioning/registry/clients/access-client.ts";
import { deleteWhatIsOver } from "../../../../provisioning/registry/contracts/retention.ts";
import {
	type RetentionSettings,
	readRetentionSettings,
	USUAL_RETENTION,
} from "../../../../provisioning/registry/contracts/retention-settings.ts";
import { signIn } from "../access/signed-in.ts";
import { evidence, TestPhone } from "../test-phone.ts";
import { ADMIN_TOKEN, contractRequest, DAY, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
});
afterAll(() => registry?.close());

const run = (settings: Partial<RetentionSettings> = {}) =>
	deleteWhatIsOver(
		{ database: registry.database, clock: { nowMs: () => registry.now * 1000 } },
		{ ...USUAL_RETENTION, checkInDays: "for ever", ...settings },
	);
const count = async (table: string, where = "true"): Promise<number> => {
	const { rows } = await registry.database.pool.query(`SELECT count(*)::integer AS count FROM ${table} WHERE ${where}`);
	return rows[0].count;
};

/** A phone that reported twice, locked and not. */
async function phoneOf(contractId: string) {
	await registry.admin.createContract(contractRequest(contractId));
	const phone = new TestPhone();
	const offer = await registry.port.offerEnrollment(contractId, phone.identity);
	await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence(contractId));
	for (const standing of [wire.Standing.STANDING_UNLOCKED, wire.Standing.STANDING_LOCKED_FULL])
		phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn({ status: { standing } })));
	return offer.deviceId;
}

test("what a phone reported goes three years after it was freed, and nothing of any other contract, nor what answers are made of", async () => {
	registry.now = START;
	const [free, open] = [await phoneOf("R-FREE"), await phoneOf("R-OPEN")];
	await registry.admin.recordPayment("R-FREE", { reference: "p-1", amountMinor: 3000 });
	await registry.database.pool.query("UPDATE contracts SET state = 'released' WHERE contract_id = 'R-FREE'");
	const events = (device: string) => count("check_in_events", `device_id = '${device}'`);
	const [before, other] = [await events(free), await events(open)];
	expect([before, other]).toEqual([2, 2]);
	registry.now = START + 1095 * DAY;
	expect((await run()).contracts).toBe(0);
	registry.now += 1;
	expect((await run()).contracts).toBe(1);
	expect([await events(free), await events(open)]).toEqual([0, 2]);
	expect(await count("standing_changes", `device_id = '${free}'`)).toBe(0);
	for (const table of ["contracts", "payments", "imeis", "enrollments"])
		expect([table, await count(table, "contract_id = 'R-FREE'")]).not.toEqual([table, 0]);
	expect(await registry.admin.getContract("R-FREE")).toMatchObject({ state: "released" });
	expect((await run()).contracts).toBe(0);
	// What came in weeks goes in weeks, and what told of the lock stays with an open contract.
	const told = () => count("standing_changes", `device_id = '${open}' AND envelope IS NOT NULL`);
	expect(await told()).toBe(2);
	await run({ checkInDays: 90 });
	expect([await events(open), await told()]).toEqual([0, 2]);
	const { rows } = await registry.database.pool.query(
		"SELECT details FROM audit_log WHERE action = 'retention.contracts_pruned'",
	);
	expect(rows.map(({ details }: { details: string }) => JSON.parse(details))).toEqual([{ afterDays: 1095, contracts: 1 }]);
	expect(await findAuditBreak(registry.database.kysely, "R-FREE")).toBeUndefined();
});

test("whoever left a year ago is forgotten by name, and stays in the audit log by number", async () => {
	registry.now = START;
	const access = createAccessClient({ url: registry.url, adminToken: ADMIN_TOKEN });
	const [gone, here] = [await signIn(registry, ["agent"], { name: "Ana" }), await signIn(registry, ["agent"], { name: "Bo" })];
	await access.changePerson(gone.personId, { isDisabled: true });
	registry.now = START + 365 * DAY;
	expect((await run()).people).toBe(0);
	registry.now += 1;
	expect((await run()).people).toBe(1);
	const people = await access.listPeople();
	expect(people.find(({ personId }) => personId === gone.personId)).toMatchObject({ name: "", roles: [], isDisabled: true });
	expect(people.find(({ personId }) => personId === here.personId)).toMatchObject({ name: "Bo", roles: ["agent"] });
	expect(await findAuditBreak(registry.database.kysely, gone.actor)).toBeUndefined();
	expect((await run()).people).toBe(0);
});

test("what ended by itself is deleted a month later, but for a program's last token", async () => {
	registry.now = START;
	const access = createAccessClient({ url: registry.url, adminToken: ADMIN_TOKEN });
	const { program } = await access.addProgram({ name: "old", roles: ["auditor"], days: 1 });
	await access.rotateProgram(program.programId, { days: 1 });
	await access.addPerson({ name: "Never came", roles: ["agent"] });
	registry.now = START + 40 * DAY;
	expect((await run()).leftovers).toBeGreaterThan(1);
	expect(await count("program_secrets", `program_id = '${program.programId}'`)).toBe(1);
	expect(await count("invitations", `expires_at < ${START + 5 * DAY}`)).toBe(0);
});

test("times are a file's where there is one, and none that is too short or misspelt", async () => {
	const path = join(registry.folder, "retention.json");
	await writeFile(path, '{"closedContractDays":"for ever"}');
	expect(await readRetentionSettings(path)).toEqual({ ...USUAL_RETENTION, closedContractDays: "for ever" });
	for (const text of ['{"closedContractDays":1}', '{"closedContract":900}', "nothing"]) {
		await writeFile(path, text);
		await expect(readRetentionSettings(path)).rejects.toThrow(/180 or more/);
	}
});
