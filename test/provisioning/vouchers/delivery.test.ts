import { describe, expect, test } from "vitest";

import { createDelivery } from "../../../provisioning/vouchers/delivery.ts";
import { evidence } from "../registry/test-phone.ts";
import { unitOf, voucherBench } from "./voucher-bench.ts";

const bench = voucherBench();
const { stationOf, batch, fetchFor, desk } = bench;

async function auditOf(contractId: string): Promise<string[]> {
	const rows = await bench.registry.database.kysely
		.selectFrom("audit_log")
		.select("action")
		.where("subject", "=", contractId)
		.orderBy("entry")
		.execute();
	return rows.map(({ action }) => action);
}

describe("delivery", () => {
	/** Phones that were bound while the registry was down, and a delivery of their receipts. */
	async function bound(count: number) {
		const units = await batch(count);
		await fetchFor(units.map(({ contractId, phone }) => unitOf(contractId, phone)));
		const { port, online, health, become, queue } = desk();
		become("down");
		for (const { contractId, phone } of units) {
			const offer = await port.offerEnrollment(contractId, phone.identity);
			await port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence(contractId));
		}
		const log: string[] = [];
		const pauses: (() => void)[] = [];
		const delivery = createDelivery({
			online,
			health,
			waiting: () => queue,
			delivered: async (receipt) => {
				log.push(`delivered ${receipt.contractId}`);
				queue.splice(queue.indexOf(receipt), 1);
			},
			refused: async (receipt, { code }) => void log.push(`${code} ${receipt.contractId}`),
			failed: (error) => void log.push(String(error)),
			pause: () => new Promise((resolve) => pauses.push(resolve)),
		});
		return { units: units.map(({ contractId }) => contractId), become, queue, log, delivery, pauses };
	}

	test("brings every receipt, in order, once the registry is back, and each is stored once", async () => {
		const { units, become, queue, log, delivery } = await bound(5);
		await delivery.deliver();
		expect(log).toEqual([]);
		become("up");
		await delivery.deliver();
		expect(log).toEqual(units.map((contractId) => `delivered ${contractId}`));
		expect(queue).toEqual([]);
		for (const contractId of units) {
			expect((await bench.registry.admin.getContract(contractId)).enrollment?.state).toBe("confirmed");
			expect((await auditOf(contractId)).filter((action) => action.startsWith("enrollment."))).toEqual([
				"enrollment.offered",
				"enrollment.confirmed",
			]);
		}
		await delivery.close();
	});

	test("stops at the first silence, keeps the order, and tries again by itself", async () => {
		const { units, become, log, delivery, pauses } = await bound(3);
		bench.fate = (path) =>
			path.endsWith("/receipt") && bench.calls.filter((each) => each.endsWith("/receipt")).length > 1 ? "lost" : "sent";
		become("up");
		await delivery.deliver();
		expect(log).toEqual([`delivered ${units[0]}`]);
		bench.fate = () => "sent";
		pauses[0]?.();
		await expect.poll(() => log).toEqual(units.map((contractId) => `delivered ${contractId}`));
		await delivery.close();
	});

	test("is not held up by one that is refused, and does not ask for that one again", async () => {
		const { units, become, queue, log, delivery } = await bound(3);
		const [first] = queue;
		await bench.registry.admin.payOff(units[2] ?? "", { reference: "r" }); // a closed contract's phone is taken all the same
		await stationOf("A").station.withdrawOffer(first?.enrollmentId ?? "");
		become("up");
		await delivery.deliver();
		await delivery.deliver();
		expect(log).toEqual([`REGISTRY_REFUSED ${units[0]}`, `delivered ${units[1]}`, `delivered ${units[2]}`]);
		expect(queue).toEqual([first]);
		await delivery.close();
	});

	test("of the same receipt twice, after a crash before it was written down, changes nothing", async () => {
		const { units, become, queue, delivery } = await bound(1);
		const [receipt] = [...queue];
		become("up");
		await delivery.deliver();
		const before = await bench.registry.admin.getContract(units[0] ?? "");
		if (receipt) queue.push({ ...receipt });
		await delivery.deliver();
		expect(queue).toEqual([]);
		expect(await bench.registry.admin.getContract(units[0] ?? "")).toEqual(before);
		await delivery.close();
	});
});
