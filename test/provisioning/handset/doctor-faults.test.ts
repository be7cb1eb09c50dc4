import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readFacts } from "../../../provisioning/handset/facts.ts";
import { FaultError } from "../../../provisioning/handset/fault.ts";
import { DEFAULT_POLICY, preflight, probeCable, probeSecurityToggle } from "../../../provisioning/handset/preflight.ts";
import { openTcp } from "../../../provisioning/transport/tcp.ts";
import { FAULTS } from "../../lab/faults.ts";
import { type Lab, openLab } from "../../lab/lab.ts";
import { PROFILES } from "../../lab/profiles.ts";

let folder = "";
let lab: Lab;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-facts-"));
	lab = await openLab({ stateFolder: join(folder, "lab"), transport: "in-process" });
});
afterAll(async () => {
	await lab.close();
	await rm(folder, { recursive: true, force: true });
});

/** What an examination finds, as codes. */
async function examine(profile: string, faults: readonly string[]): Promise<readonly string[]> {
	const phone = await lab.add({ profile, faults });
	try {
		const port = await openTcp({ host: "127.0.0.1", port: phone.port, keyFolder: folder });
		try {
			const facts = await readFacts(port);
			const toggle = await probeSecurityToggle(port);
			const cable = faults.includes("slow-usb") ? await probeCable(port, { nowMs: Date.now }) : undefined;
			const found = preflight(facts, { ...DEFAULT_POLICY, ownerIsOurs: false }).map(({ code }) => code);
			return [...new Set([...found, ...[toggle, cable].flatMap((fault) => fault?.code ?? [])])];
		} catch (error) {
			if (!(error instanceof FaultError)) throw error;
			return [error.fault.code];
		} finally {
			await port.close();
		}
	} finally {
		await phone.close();
	}
}

const LINK = ["key-denied", "key-ignored", "adb-offline", "unplug", "frozen"];

describe("a healthy handset", () => {
	it.each(PROFILES.map(({ id }) => id))("has nothing in the way: %s", async (profile) => {
		expect(await examine(profile, [])).toEqual([]);
	});
});

describe("a handset with a fault that shows before anything is changed", () => {
	const visible = FAULTS.filter(({ seenBy, id }) => seenBy === "doctor" && !LINK.includes(id));

	it.each(visible.map((fault) => [fault.id, fault] as const))("%s", async (_, fault) => {
		const suits = ({ sdk }: { sdk: number }) => sdk >= (fault.minSdk ?? 0);
		// The oldest and the newest system it can happen on: their words differ.
		const ends = [PROFILES.find(suits), PROFILES.findLast(suits)].flatMap((profile) => profile ?? []);
		for (const { id } of ends) {
			const found = await examine(id, [fault.id]);
			expect(found, id).toContain(fault.code);
			expect(
				found.filter((code) => code !== fault.code && fault.alsoSeen?.some((also) => also === code) !== true),
				id,
			).toEqual([]);
		}
	});
});
