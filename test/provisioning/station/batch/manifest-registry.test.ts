import { describe, expect, test } from "vitest";

import type { Manifest } from "../../../../provisioning/station/batch/manifest.ts";
import { checkManifest } from "../../../../provisioning/station/batch/manifest-check.ts";
import { checkAgainstRegistry } from "../../../../provisioning/station/batch/manifest-registry.ts";
import { imeiNumber } from "./spreadsheet.ts";

describe("a manifest and the registry", () => {
	const rows = Array.from({ length: 450 }, (_, n) => `C${n},${imeiNumber(2 * n)},${imeiNumber(2 * n + 1)}`);
	const bytes = new TextEncoder().encode(["contract,imei,imei2", ...rows].join("\n"));

	async function manifest(): Promise<Manifest> {
		const check = await checkManifest(bytes);
		if (!check.ok) throw new Error(JSON.stringify(check.errors));
		return check.manifest;
	}

	test("differ by the cell, and the registry is asked in portions", async () => {
		const asked: number[] = [];
		const errors = await checkAgainstRegistry(await manifest(), async (contractIds) => {
			asked.push(contractIds.length);
			const known = contractIds.filter((id) => id !== "C3");
			return new Map(
				known.map((id) => {
					const n = Number(id.slice(1));
					const imeis = n === 5 ? [imeiNumber(10), imeiNumber(999)] : n === 6 ? [] : [imeiNumber(2 * n + 1), imeiNumber(2 * n)];
					return [id, { state: n === 4 ? "paid_off" : "open", imeis }];
				}),
			);
		});
		expect(asked).toEqual([200, 200, 50]);
		expect(errors.map(({ cell, code }) => `${cell} ${code}`)).toEqual([
			"A5 contract-unknown",
			"A6 contract-closed",
			"C7 contract-other-imei",
		]);
		expect(errors[1]?.problem).toBe("This contract is closed: paid_off.");
	});

	test("are not compared when the registry is not there", async () => {
		const list = await manifest();
		await expect(checkAgainstRegistry(list, () => Promise.reject(new Error("no registry")))).rejects.toThrow("no registry");
	});
});
