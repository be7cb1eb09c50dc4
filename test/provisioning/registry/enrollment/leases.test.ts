import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { FaultError } from "../../../../provisioning/handset/fault.ts";
import { findAuditBreak } from "../../../../provisioning/registry/audit-log.ts";
import { createRegistryClient } from "../../../../provisioning/registry/clients/registry-client.ts";
import { createStationClient } from "../../../../provisioning/registry/clients/station-client.ts";
import { evidence, TestPhone } from "../test-phone.ts";
import {
	ADMIN_TOKEN,
	contractRequest,
	expectFault,
	nextImei,
	START,
	startTestRegistry,
	type TestRegistry,
} from "../test-registry.ts";

const HOUR = 3600;

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
});
afterAll(() => registry.close());

const station = (name: string, url = registry.url) => createStationClient({ url, adminToken: ADMIN_TOKEN, station: name });
/** The registry as procedures of a station see it. */
const portOf = (name: string) => createRegistryClient({ url: registry.url, adminToken: ADMIN_TOKEN, station: name });

async function contracts(prefix: string, count: number): Promise<string[]> {
	const ids = Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
	for (const id of ids) await registry.admin.createContract(contractRequest(id));
	return ids;
}

async function auditOf(subject: string): Promise<{ action: string; details: Record<string, unknown> }[]> {
	const rows = await registry.database.kysely
		.selectFrom("audit_log")
		.select(["action", "details"])
		.where("subject", "=", subject)
		.orderBy("entry")
		.execute();
	return rows.map(({ action, details }) => ({ action, details: JSON.parse(details) }));
}

describe("a lease", () => {
	test("goes to exactly one of two stations that reach for the same 200 contracts at the same moment", async () => {
		const ids = await contracts("L-race", 200);
		const other = await registry.sibling();
		const [a, b] = [station("A"), station("B", other.url)];
		// Each in an order and in pieces of its own, so that the calls meet in the middle.
		const pieces = (list: string[]) => Array.from({ length: 10 }, (_, piece) => list.slice(piece * 20, piece * 20 + 20));
		const [ofA, ofB] = await Promise.all([
			Promise.all(pieces(ids).map((piece) => a.lease(piece, HOUR))),
			Promise.all(pieces(ids.toReversed()).map((piece) => b.lease(piece, HOUR))),
		]);
		const granted = (leases: typeof ofA) => leases.flatMap((each) => each.granted.map(({ contractId }) => contractId));
		const refused = (leases: typeof ofA) => leases.flatMap((each) => each.refused);
		expect([...granted(ofA), ...granted(ofB)].sort()).toEqual([...ids].sort());
		expect(
			refused(ofA)
				.map(({ contractId }) => contractId)
				.sort(),
		).toEqual(granted(ofB).sort());
		expect(refused(ofA).every((held) => held.station === "B" && held.expiresAtUnixSeconds === START + HOUR)).toBe(true);
		expect(refused(ofB).every((held) => held.station === "A")).toBe(true);
	}, 60_000);

	test("ends by the registry's clock, and then goes to whoever asks next", async () => {
		const [id = ""] = await contracts("L-expiry", 1);
		expect((await station("A").lease([id], HOUR)).granted).toEqual([{ contractId: id, expiresAtUnixSeconds: START + HOUR }]);
		registry.now = START + HOUR - 1;
		expect((await station("B").lease([id], HOUR)).refused).toEqual([
			{ contractId: id, station: "A", expiresAtUnixSeconds: START + HOUR },
		]);
		registry.now = START + HOUR;
		expect((await station("B").lease([id], HOUR)).granted).toHaveLength(1);
		expect((await station("A").lease([id], HOUR)).refused).toHaveLength(1);
		registry.now = START;
	});

	test("is renewed by the same call, and never shortened by it", async () => {
		const [id = ""] = await contracts("L-renew", 1);
		await station("A").lease([id], HOUR);
		registry.now = START + HOUR / 2;
		expect((await station("A").lease([id], HOUR)).granted).toEqual([
			{ contractId: id, expiresAtUnixSeconds: START + 1.5 * HOUR },
		]);
		expect((await station("A").lease([id], 60)).granted).toEqual([{ contractId: id, expiresAtUnixSeconds: START + 1.5 * HOUR }]);
		registry.now = START;
	});

	test("is let go of by its holder and by nobody else, as often as one likes", async () => {
		const [id = ""] = await contracts("L-release", 1);
		await station("A").lease([id], HOUR);
		expect(await station("B").releaseLeases([id])).toEqual([]);
		expect(await station("A").releaseLeases([id])).toEqual([id]);
		expect(await station("A").releaseLeases([id])).toEqual([]);
		expect((await station("B").lease([id], HOUR)).granted).toHaveLength(1);
	});

	test("of another station is not let go of by giving back one's own in a hurry", async () => {
		const [id = ""] = await contracts("L-brief", 1);
		await station("A").lease([id], HOUR);
		await station("B").releaseLease(id);
		expect((await station("B").lease([id], HOUR)).refused).toMatchObject([{ station: "A" }]);
		await station("A").releaseLease(id);
		expect((await station("B").lease([id], HOUR)).granted).toHaveLength(1);
	});

	test("cannot be given back without the admin token, whatever station one says to be", async () => {
		const [id = ""] = await contracts("L-token", 1);
		await station("A").lease([id], HOUR);
		const stranger = createStationClient({ url: registry.url, adminToken: "x".repeat(43), station: "A" });
		await expect(stranger.releaseLease(id)).rejects.toBeInstanceOf(FaultError);
		expect((await station("B").lease([id], HOUR)).refused).toMatchObject([{ station: "A" }]);
	});

	test("that is given back to a registry that does not answer is given up after one attempt", async () => {
		let calls = 0;
		const silent = createStationClient({
			...{ url: registry.url, adminToken: ADMIN_TOKEN, station: "A" },
			fetch: async () => {
				calls += 1;
				throw new TypeError("fetch failed");
			},
		});
		await expectFault(silent.releaseLease("C"), "REGISTRY_UNREACHABLE");
		expect(calls).toBe(1);
	});

	test("is not given for a contract that does not exist", async () => {
		const [id = ""] = await contracts("L-known", 1);
		const leases = await station("A").lease(["L-none", id, id], HOUR);
		expect(leases).toMatchObject({ granted: [{ contractId: id }], refused: [], unknown: ["L-none"] });
	});

	test("is written down when it is new and when it is let go, and the chain of the log holds", async () => {
		const ids = await contracts("L-audit", 3);
		await station("A").lease(ids, HOUR);
		registry.now = START + 1;
		await station("A").lease(ids, HOUR);
		await station("A").releaseLeases(ids);
		registry.now = START;
		const entries = (await auditOf("registry")).filter(({ details }) => String(details.contracts).includes("L-audit"));
		expect(entries).toEqual([
			{ action: "leases.granted", details: { station: "A", count: 3, contracts: ids.join(" ") } },
			{ action: "leases.released", details: expect.objectContaining({ station: "A", count: 3 }) },
		]);
		expect(await findAuditBreak(registry.database.kysely, "registry")).toBeUndefined();
	});

	test("of one station stops the offers and the withdrawals of every other, of desks and of the command line", async () => {
		const [id = ""] = await contracts("L-offer", 1);
		const phone = new TestPhone();
		await station("A").lease([id], HOUR);
		const held = { station: "A", until: new Date((START + HOUR) * 1000).toISOString() };
		await expectFault(portOf("B").offerEnrollment(id, phone.identity), "CONTRACT_LEASED_ELSEWHERE", held);
		await expectFault(registry.port.offerEnrollment(id, phone.identity), "CONTRACT_LEASED_ELSEWHERE", held);
		const offer = await portOf("A").offerEnrollment(id, phone.identity);
		await expectFault(registry.admin.withdrawEnrollment(offer.enrollmentId), "CONTRACT_LEASED_ELSEWHERE");
		await expectFault(station("B").withdrawOffer(offer.enrollmentId), "CONTRACT_LEASED_ELSEWHERE");
		await station("A").withdrawOffer(offer.enrollmentId);
		await station("A").releaseLeases([id]);
		await expect(registry.port.offerEnrollment(id, phone.identity)).resolves.toBeDefined();
		const offers = (await auditOf(id)).filter(({ action }) => action === "enrollment.offered");
		expect(offers.map(({ details }) => details.station)).toEqual(["A", undefined]);
	});

	test("is, after any calls of any stations at any times, held by the one that a list on paper names", async () => {
		const ids = await contracts("L-model", 3);
		const names = ["A", "B", "C"];
		const some = fc.subarray(ids, { minLength: 1 });
		const call = fc.oneof(
			fc.record({ station: fc.constantFrom(...names), ids: some, ttl: fc.integer({ min: 60, max: 600 }) }),
			fc.record({ station: fc.constantFrom(...names), ids: some }),
			fc.record({ pass: fc.integer({ min: 1, max: 400 }) }),
		);
		await fc.assert(
			fc.asyncProperty(fc.array(call, { maxLength: 12 }), async (calls) => {
				const paper = new Map<string, { station: string; until: number }>();
				const holder = (id: string) => {
					const held = paper.get(id);
					return held && held.until > registry.now ? held : undefined;
				};
				for (const name of names) await station(name).releaseLeases(ids);
				for (const each of calls) {
					if ("pass" in each) registry.now += each.pass;
					else if ("ttl" in each) {
						const free = each.ids.filter((id) => (holder(id)?.station ?? each.station) === each.station);
						for (const id of free) {
							const until = Math.max(registry.now + each.ttl, holder(id)?.until ?? 0);
							paper.set(id, { station: each.station, until });
						}
						const leases = await station(each.station).lease(each.ids, each.ttl);
						expect(leases.granted).toEqual(free.map((id) => ({ contractId: id, expiresAtUnixSeconds: paper.get(id)?.until })));
						expect(leases.refused).toEqual(
							each.ids
								.filter((id) => !free.includes(id))
								.map((id) => ({ contractId: id, station: holder(id)?.station, expiresAtUnixSeconds: holder(id)?.until })),
						);
					} else {
						const given = each.ids.filter((id) => paper.get(id)?.station === each.station);
						for (const id of given) paper.delete(id);
						expect((await station(each.station).releaseLeases(each.ids)).toSorted()).toEqual(given);
					}
				}
			}),
			{ numRuns: 40 },
		);
		registry.now = START;
	}, 60_000);

	test("that has expired stops nobody", async () => {
		const [id = ""] = await contracts("L-old", 1);
		await station("A").lease([id], 60);
		registry.now = START + 60;
		await expect(registry.port.offerEnrollment(id, new TestPhone().identity)).resolves.toBeDefined();
		registry.now = START;
	});
});

describe("a look at many contracts", () => {
	test("tells state, named IMEIs and enrolment of those that exist, in calls of 500", async () => {
		const imei = nextImei();
		const phone = new TestPhone();
		await registry.admin.createContract(contractRequest("K-named", { imeis: [imei] }));
		await registry.admin.createContract(contractRequest("K-bound"));
		const offer = await registry.port.offerEnrollment("K-bound", phone.identity);
		await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence("K-bound"));
		await registry.admin.createContract(contractRequest("K-closed"));
		await registry.admin.payOff("K-closed", { reference: "r" });
		const calls: number[] = [];
		const client = createStationClient({
			url: registry.url,
			adminToken: ADMIN_TOKEN,
			station: "A",
			fetch: (input, init) => {
				calls.push(JSON.parse(String(init?.body)).contractIds.length);
				return fetch(input, init);
			},
		});
		const none = Array.from({ length: 600 }, (_, index) => `K-none-${index}`);
		const found = await client.lookupContracts([...none, "K-named", "K-bound", "K-closed"]);
		expect(calls).toEqual([500, 103]);
		expect(Object.fromEntries(found)).toEqual({
			"K-named": { contractId: "K-named", state: "open", imeis: [imei] },
			"K-bound": { contractId: "K-bound", state: "open", imeis: [], enrollmentState: "confirmed" },
			"K-closed": { contractId: "K-closed", state: "paid_off", imeis: [] },
		});
	});

	test.each<[string, unknown]>([
		["another contract", { granted: [{ contractId: "X", expiresAtUnixSeconds: 1 }], refused: [], unknown: [] }],
		["fewer contracts", { granted: [], refused: [], unknown: [] }],
		["one contract twice", { granted: [{ contractId: "C", expiresAtUnixSeconds: 1 }], refused: [], unknown: ["C"] }],
		["another shape", { granted: "all" }],
	])("is not believed when the answer is about %s", async (_what, answer) => {
		const server = createServer((_request, response) => void response.end(JSON.stringify(answer)));
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const { port } = server.address() as AddressInfo; // a TCP server's address is never text
		await expectFault(station("A", `http://127.0.0.1:${port}`).lease(["C"], HOUR), "REGISTRY_UNTRUSTED");
		server.closeAllConnections();
		server.close();
	});
});
