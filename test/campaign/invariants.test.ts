import { describe, expect, it } from "vitest";

import type { Contract } from "../../provisioning/registry/api.ts";
import type { JournalEntry } from "../../provisioning/station/journal/entry.ts";
import { bytesOf, ended, linesOf, OPENED, started } from "../provisioning/station/journal/entries.ts";
import { type Aftermath, type FindingCounts, lookAfter, type WitnessPhone } from "./invariants.ts";

const CLEAN: FindingCounts = { wrongPhone: 0, doubleBind: 0, lostLines: 0, wrongCode: 0 };

/** Phone n, which holds its own contract `C<n>`. */
function phone(n: number, more: Partial<WitnessPhone> = {}): WitnessPhone & { readonly contractId: string } {
	const contractId = `C${n}`;
	return {
		...{ serial: `S${n}`, imeis: [`IMEI-${n}`], mustPass: true, codes: [], holds: async () => contractId },
		...more,
		contractId,
	};
}

/** What a journal holds of a run that passed. */
function pass(n: number, number = 1, serial = `S${n}`): JournalEntry[] {
	const run = `C${n}#${number}`;
	return [
		started(run, n),
		{ type: "identified", run, serial, imeis: [`IMEI-${n}`], model: "M" },
		{ type: "act", run, step: "install" },
		ended(run, "pass"),
	];
}

function enrolled(n: number, more: Partial<NonNullable<Contract["enrollment"]>> = {}): Contract["enrollment"] {
	return {
		enrollmentId: `E${n}`,
		deviceId: `D${n}`,
		contractId: `C${n}`,
		imei1: `IMEI-${n}`,
		serial: `S${n}`,
		model: "M",
		state: "sealed",
		bindingSha256: "00".repeat(32),
		...more,
	};
}

const journalOf = (...entries: JournalEntry[]) => ({ journal: bytesOf([OPENED, ...entries]), heads: new Map<number, string>() });

/** Two phones that were enrolled as they should be. */
function aftermath(more: Partial<Aftermath> = {}): Aftermath {
	return {
		phones: [phone(1), phone(2)],
		journals: [journalOf(...pass(1), ...pass(2))],
		enrollmentOf: async (contractId) => enrolled(Number(contractId.slice(1))),
		...more,
	};
}

async function found(more: Partial<Aftermath>): Promise<FindingCounts & { readonly words: readonly string[] }> {
	const { wrongPhone, doubleBind, lostLines, wrongCode, words } = await lookAfter(aftermath(more));
	return { wrongPhone, doubleBind, lostLines, wrongCode, words };
}

describe("who looks at a batch afterwards", () => {
	it("finds nothing where all is well", async () => {
		expect(await lookAfter(aftermath())).toEqual({ ...CLEAN, words: [], runs: 2, ends: new Map() });
	});

	describe("notices a wrong stop:", () => {
		const failed = [started("C1#1", 1), ended("C1#1", "error", 40, "ADB_OFFLINE"), ...pass(1, 2), ...pass(2)];

		it("a code that the trouble does not have", async () => {
			expect(await found({ journals: [journalOf(...failed)] })).toEqual({
				...CLEAN,
				wrongCode: 1,
				words: ["C1#1 ended with ADB_OFFLINE"],
			});
		});

		it("a code that only another phone may have", async () => {
			const phones = [phone(1), phone(2, { codes: ["ADB_OFFLINE"] })];
			expect(await found({ phones, journals: [journalOf(...failed)] })).toMatchObject({ ...CLEAN, wrongCode: 1 });
		});

		it("and lets one pass that it may have", async () => {
			const phones = [phone(1, { codes: ["ADB_OFFLINE"] }), phone(2)];
			expect(await lookAfter(aftermath({ phones, journals: [journalOf(...failed)] }))).toMatchObject({
				...CLEAN,
				runs: 3,
				ends: new Map([["ADB_OFFLINE", 1]]),
			});
		});

		it("a code that a later line put right", async () => {
			const lost = [
				started("C1#1", 1),
				{ type: "identified", run: "C1#1", serial: "S1", imeis: ["IMEI-1"], model: "M" },
			] as const;
			const ends = [ended("C1#1", "error", 40, "LINK_STALLED"), { ...ended("C1#1", "pass"), foundSealed: true }] as const;
			expect(await found({ journals: [journalOf(...lost, ...ends, ...pass(2))] })).toMatchObject({ ...CLEAN, wrongCode: 1 });
		});

		it("a phone that should have passed", async () => {
			const enrollmentOf = async (contractId: string) => (contractId === "C1" ? enrolled(1) : undefined);
			const phones = [phone(1), phone(2, { holds: async () => undefined })];
			expect(await found({ phones, enrollmentOf, journals: [journalOf(...pass(1))] })).toEqual({
				...CLEAN,
				wrongCode: 1,
				words: ["C2 did not pass: nothing was done"],
			});
		});
	});

	describe("notices a wrong phone:", () => {
		it("one that holds another's contract", async () => {
			const phones = [phone(1, { holds: async () => "C2" }), phone(2, { holds: async () => "C1" })];
			expect(await found({ phones })).toMatchObject({ ...CLEAN, wrongPhone: 4 }); // held, and passed on a phone that does not hold it
		});

		it("one that no manifest names and that holds a contract", async () => {
			const stranger: WitnessPhone = { ...phone(9), contractId: undefined, mustPass: false };
			expect(await found({ phones: [phone(1), phone(2), stranger] })).toEqual({
				...CLEAN,
				wrongPhone: 1,
				words: ["S9 holds C9, not none"],
			});
		});

		it("one that the registry has under another's contract", async () => {
			const enrollmentOf = async () => enrolled(1);
			expect(await found({ enrollmentOf })).toMatchObject({ ...CLEAN, wrongPhone: 1, words: ["the registry has C2 on S1"] });
		});

		it("one whose second half the registry has", async () => {
			const enrollmentOf = async (contractId: string) => enrolled(Number(contractId.slice(1)), { imei1: "IMEI-1" });
			expect(await found({ enrollmentOf })).toMatchObject({ ...CLEAN, wrongPhone: 1 });
		});

		it("one that a run was on", async () => {
			const journals = [journalOf(...pass(1, 1, "S2"), ...pass(1, 2), ...pass(2))];
			expect(await found({ journals })).toMatchObject({ ...CLEAN, wrongPhone: 1, words: ["C1#1 was on S2, not on S1"] });
		});

		it("a run of a contract that no phone has", async () => {
			const journals = [journalOf(...pass(1), ...pass(2), ...pass(3))];
			expect(await found({ journals })).toMatchObject({ ...CLEAN, wrongPhone: 1 });
		});

		it("a pass that the registry knows nothing of", async () => {
			const enrollmentOf = async (contractId: string) =>
				enrolled(Number(contractId.slice(1)), contractId === "C2" ? { state: "offered" } : {});
			expect(await found({ enrollmentOf })).toMatchObject({
				...CLEAN,
				wrongPhone: 1,
				words: ["C2 passed and is not enrolled on its phone"],
			});
		});

		it("a pass of a phone that is empty", async () => {
			expect(await found({ phones: [phone(1), phone(2, { holds: async () => undefined })] })).toMatchObject({
				...CLEAN,
				wrongPhone: 1,
			});
		});
	});

	describe("notices that a contract is there twice:", () => {
		it("on two phones", async () => {
			const copy: WitnessPhone = { ...phone(9, { holds: async () => "C1" }), contractId: undefined, mustPass: false };
			expect(await found({ phones: [phone(1), phone(2), copy] })).toMatchObject({
				...CLEAN,
				wrongPhone: 1,
				doubleBind: 1,
				words: ["S9 holds C1, not none", "C1 is on S1 and on S9"],
			});
		});

		it("at two stations", async () => {
			const journals = [journalOf(...pass(1), ...pass(2)), journalOf(...pass(2))];
			expect(await found({ journals })).toEqual({ ...CLEAN, doubleBind: 1, words: ["C2 passed at 2 stations"] });
		});
	});

	describe("notices a lost line:", () => {
		const entries = [OPENED, ...pass(1), ...pass(2)];
		const heads = new Map(linesOf(entries).map(({ n, hash }) => [n, hash]));

		it("cut off at the end", async () => {
			const journals = [{ journal: bytesOf(entries.slice(0, -1)), heads }];
			expect(await found({ journals })).toMatchObject({ wrongPhone: 0, lostLines: 2, wrongCode: 1 }); // the line, and a run without an end
		});

		it("written anew with another", async () => {
			const other = entries.map((entry) => (entry.type === "act" ? { ...entry, step: "own" } : entry));
			const { words, lostLines } = await found({ journals: [{ journal: bytesOf(other), heads }] });
			expect(lostLines).toBe(heads.size - 3); // all from the first that is another
			expect(words[0]).toBe("line 4 was believed to be there");
		});

		it("taken out of the middle", async () => {
			const lines = bytesOf(entries).toString("utf8").split("\n");
			const journal = Buffer.from(lines.toSpliced(2, 1).join("\n"), "utf8");
			expect((await found({ journals: [{ journal, heads: new Map() }] })).words).toContain("the journal is damaged at line 3");
		});

		it("all of them", async () => {
			const { words } = await found({ journals: [{ journal: new Uint8Array(), heads: new Map([[1, "00"]]) }] });
			expect(words).toContain("line 1 was believed to be there");
			expect(words).toContain("C1 is enrolled and no journal knows of a run");
		});

		it("a phone that is enrolled and of whose run nothing stands there", async () => {
			const phones = [phone(1), phone(2, { mustPass: false })];
			expect(await found({ phones, journals: [journalOf(...pass(1))] })).toEqual({
				...CLEAN,
				lostLines: 1,
				words: ["C2 is enrolled and no journal knows of a run"],
			});
		});
	});

	describe("takes silence for a finding:", () => {
		it("a registry that does not answer for a contract of the manifest", async () => {
			const phones = [phone(1, { mustPass: false, holds: async () => undefined })];
			const enrollmentOf = async () => Promise.reject(new Error("CONTRACT_UNKNOWN"));
			expect(await found({ phones, journals: [journalOf()], enrollmentOf })).toEqual({
				...CLEAN,
				wrongPhone: 1,
				words: ["the registry does not tell who has C1: Error: CONTRACT_UNKNOWN"],
			});
		});

		it("a phone that does not answer", async () => {
			const holds = async () => Promise.reject(new Error("it is stuck"));
			const { words } = await found({ phones: [phone(1), phone(2, { holds })] });
			expect(words).toContain("S2 does not tell what it holds: Error: it is stuck");
		});

		it("but asks no registry for a phone that no manifest names", async () => {
			const stranger: WitnessPhone = { ...phone(9, { holds: async () => undefined }), contractId: undefined, mustPass: false };
			const asked: string[] = [];
			const enrollmentOf = async (contractId: string) => {
				asked.push(contractId);
				return enrolled(Number(contractId.slice(1)));
			};
			expect(await found({ phones: [phone(1), phone(2), stranger], enrollmentOf })).toEqual({ ...CLEAN, words: [] });
			expect(asked).toEqual(["C1", "C2"]);
		});
	});
});
