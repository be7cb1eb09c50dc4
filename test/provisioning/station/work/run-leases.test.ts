import { describe, expect, it } from "vitest";

import { faultError } from "../../../../provisioning/handset/fault.ts";
import { createRunLeases, type RunLeasesOptions } from "../../../../provisioning/station/work/run-leases.ts";

/** A registry that writes down what it is asked, and answers a release when a test lets it. */
function desk(more: Partial<RunLeasesOptions> = {}) {
	const asked: string[] = [];
	const answers: ((error?: Error) => void)[] = [];
	const bugs: unknown[] = [];
	let silences = 0;
	const leases = createRunLeases({
		station: {
			async lease(contractIds) {
				asked.push(`lease ${contractIds}`);
				return { granted: [], refused: [], unknown: [] };
			},
			releaseLease(contractId) {
				asked.push(`release ${contractId}`);
				return new Promise((resolve, reject) => answers.push((error) => (error ? reject(error) : resolve())));
			},
		},
		isUp: () => true,
		silent: () => {
			silences += 1;
		},
		isNeeded: () => false,
		onBug: (error) => void bugs.push(error),
		...more,
	});
	return { leases, asked, answers, bugs, silences: () => silences };
}

describe("the lease of a run", () => {
	it("is given back once, and only if it was taken", async () => {
		const { leases, asked, answers } = desk();
		leases.giveBack("C-1");
		await leases.take("C-1");
		leases.giveBack("C-1");
		leases.giveBack("C-1");
		answers[0]?.();
		await leases.settled();
		expect(asked).toEqual(["lease C-1", "release C-1"]);
	});

	it("is not asked for again before the registry has heard that it is given back, and nobody else waits for that", async () => {
		const { leases, asked, answers } = desk();
		await leases.take("C-1");
		leases.giveBack("C-1");
		const again = leases.take("C-1");
		await leases.take("C-2");
		expect(asked).toEqual(["lease C-1", "release C-1", "lease C-2"]);
		answers[0]?.();
		await again;
		expect(asked).toEqual(["lease C-1", "release C-1", "lease C-2", "lease C-1"]);
	});

	it("is left to its own end when the registry does not answer, and the next run goes on", async () => {
		const { leases, asked, answers, bugs, silences } = desk();
		await leases.take("C-1");
		leases.giveBack("C-1");
		const again = leases.take("C-1");
		answers[0]?.(faultError("REGISTRY_UNREACHABLE"));
		await again;
		expect(asked).toEqual(["lease C-1", "release C-1", "lease C-1"]);
		expect([bugs, silences()]).toEqual([[], 1]);
	});

	it.each<[string, Partial<RunLeasesOptions>]>([
		["a voucher or a receipt needs it", { isNeeded: () => true }],
		["the registry is down", { isUp: () => false }],
	])("is kept when %s", async (_why, more) => {
		const { leases, asked } = desk(more);
		await leases.take("C-1");
		leases.giveBack("C-1");
		await leases.settled();
		expect(asked).toEqual(["lease C-1"]);
	});

	it("that another station holds is not given back", async () => {
		const asked: string[] = [];
		const { leases } = desk({
			station: {
				lease: async () => ({
					granted: [],
					refused: [{ contractId: "C-1", station: "B", expiresAtUnixSeconds: 1 }],
					unknown: [],
				}),
				releaseLease: async (contractId) => void asked.push(contractId),
			},
		});
		await expect(leases.take("C-1")).rejects.toMatchObject({ fault: { code: "CONTRACT_LEASED_ELSEWHERE" } });
		leases.giveBack("C-1");
		await leases.settled();
		expect(asked).toEqual([]);
	});
});
