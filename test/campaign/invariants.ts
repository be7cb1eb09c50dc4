import type { FaultCode } from "../../provisioning/handset/fault-codes.ts";
import type { Contract } from "../../provisioning/registry/api.ts";
import type { JournalLine } from "../../provisioning/station/journal/entry.ts";
import { foldBatch } from "../../provisioning/station/journal/fold.ts";
import { verifyJournal } from "../../provisioning/station/journal/verify-journal.ts";

/** A handset when its batch is over, and what may have become of it. */
export interface WitnessPhone {
	readonly serial: string;
	/** On the box. */
	readonly imeis: readonly string[];
	/** Contract that is for it and for no other. `undefined`: no manifest names it, and nothing may have been done to it. */
	readonly contractId: string | undefined;
	readonly mustPass: boolean;
	/** Codes with which a run of it may have ended; any other is a wrong stop. */
	readonly codes: readonly FaultCode[];
	/** The contract that the agent on the phone itself holds; `undefined` for none. */
	holds(): Promise<string | undefined>;
}

/** A station's journal when its batch is over. */
export interface WitnessJournal {
	/** Its path, or its bytes. */
	readonly journal: string | Uint8Array;
	/** Lines that the station believed to be on the disk: number and hash. */
	readonly heads: ReadonlyMap<number, string>;
}

/** Who is asked when a batch is over, whatever happened in it. */
export interface Aftermath {
	readonly phones: readonly WitnessPhone[];
	/** One, or one for each station that worked on these phones. */
	readonly journals: readonly WitnessJournal[];
	/** What the registry has of a contract of the manifest. */
	enrollmentOf(contractId: string): Promise<Contract["enrollment"]>;
}

/** How often something was found that must never be. */
export interface FindingCounts {
	/** Something was done to a phone that is for another, or for none. */
	wrongPhone: number;
	/** One contract on two phones, or one phone passed at two stations. */
	doubleBind: number;
	/** The journal lacks what was believed to be in it, or what was done. */
	lostLines: number;
	/** A stop with a code that its trouble does not have, or a phone that should have passed and did not. */
	wrongCode: number;
}

export interface Findings extends FindingCounts {
	/** Each finding in words. */
	readonly words: readonly string[];
	readonly runs: number;
	/** Codes with which runs ended, and how many. */
	readonly ends: ReadonlyMap<FaultCode, number>;
}

/** Looks at the phones themselves, at the registry and at the journal's bytes; believes nothing that a station said. */
export async function lookAfter({ phones, journals, enrollmentOf }: Aftermath): Promise<Findings> {
	const words: string[] = [];
	const count: FindingCounts = { wrongPhone: 0, doubleBind: 0, lostLines: 0, wrongCode: 0 };
	const find = (kind: keyof FindingCounts, text: string) => {
		count[kind] += 1;
		words.push(text);
	};

	const read: (readonly JournalLine[])[] = [];
	for (const { journal, heads } of journals) {
		const verdict = await verifyJournal(journal);
		if (!verdict.ok) find("lostLines", `the journal is damaged at line ${verdict.line}`);
		const hashes = new Map(verdict.lines.map(({ n, hash }) => [n, hash]));
		for (const [n, hash] of heads) if (n > 0 && hashes.get(n) !== hash) find("lostLines", `line ${n} was believed to be there`);
		read.push(verdict.lines);
	}
	const states = read.filter(([first]) => first?.type === "batch-opened").map(foldBatch);
	const phoneOf = new Map(phones.map((phone) => [phone.contractId, phone]));
	const ends = new Map<FaultCode, number>();
	let runs = 0;
	for (const lines of read) {
		const seen = lookAtRuns(lines, (contractId) => phoneOf.get(contractId), find);
		runs += seen.runs;
		for (const code of seen.ends) ends.set(code, (ends.get(code) ?? 0) + 1);
	}

	/** A witness that does not answer is a finding: nobody knows what it would have said. */
	const answer = async <Value>(asked: Promise<Value | undefined>, what: string): Promise<Value | undefined> => {
		try {
			return await asked;
		} catch (error) {
			find("wrongPhone", `${what}: ${String(error)}`);
			return undefined;
		}
	};
	const holders = new Map<string, string>();
	for (const { serial, imeis, contractId, mustPass, holds } of phones) {
		const bound = await answer(holds(), `${serial} does not tell what it holds`);
		if (bound !== undefined) {
			if (bound !== contractId) find("wrongPhone", `${serial} holds ${bound}, not ${contractId ?? "none"}`);
			const other = holders.get(bound);
			if (other !== undefined) find("doubleBind", `${bound} is on ${other} and on ${serial}`);
			holders.set(bound, serial);
		}
		if (contractId === undefined) continue; // the registry has no contract for it that could be asked for

		const enrollment = await answer(enrollmentOf(contractId), `the registry does not tell who has ${contractId}`);
		const isConfirmed = enrollment !== undefined && enrollment.state !== "offered";
		if (isConfirmed && (enrollment.serial !== serial || enrollment.imei1 !== imeis[0])) {
			find("wrongPhone", `the registry has ${contractId} on ${enrollment.serial}`);
		}
		const units = states.flatMap((state) => state.units.get(contractId) ?? []);
		if (isConfirmed && !units.some((unit) => unit.runs.some((run) => run.serial === serial))) {
			find("lostLines", `${contractId} is enrolled and no journal knows of a run`);
		}
		const passes = units.filter(({ standing }) => standing === "pass").length;
		if (passes > 1) find("doubleBind", `${contractId} passed at ${passes} stations`);
		if (passes > 0 && (!isConfirmed || bound !== contractId)) {
			find("wrongPhone", `${contractId} passed and is not enrolled on its phone`);
		}
		if (mustPass && passes === 0) {
			find(
				"wrongCode",
				`${contractId} did not pass: ${units.map(({ standing }) => standing).join(" and ") || "nothing was done"}`,
			);
		}
	}
	return { ...count, words, runs, ends };
}

/** A journal's runs line by line: a later line may put an end right, and the code that was shown before it counts too. */
function lookAtRuns(
	lines: readonly JournalLine[],
	phoneOf: (contractId: string) => WitnessPhone | undefined,
	find: (kind: keyof FindingCounts, text: string) => void,
): { readonly runs: number; readonly ends: readonly FaultCode[] } {
	const ends: FaultCode[] = [];
	const open = new Map<string, WitnessPhone | undefined>();
	let runs = 0;
	for (const line of lines) {
		if (line.type === "run-started") {
			const phone = phoneOf(line.contractId);
			runs += 1;
			open.set(line.run, phone);
			if (!phone) find("wrongPhone", `${line.run} is of a contract that no phone here has`);
		} else if (line.type === "identified") {
			const phone = open.get(line.run);
			if (phone && line.serial !== phone.serial) find("wrongPhone", `${line.run} was on ${line.serial}, not on ${phone.serial}`);
		} else if (line.type === "run-ended") {
			open.delete(line.run);
			if (line.fault === undefined) continue;
			ends.push(line.fault);
			const allowed = phoneOf(line.contractId)?.codes ?? [];
			if (!allowed.includes(line.fault)) find("wrongCode", `${line.run} ended with ${line.fault}`);
		}
	}
	for (const run of open.keys()) find("lostLines", `${run} has no end`);
	return { runs, ends };
}
