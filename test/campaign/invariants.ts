import { decode, encode } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import type { FaultCode } from "../../provisioning/handset/fault-codes.ts";
import { batchPaths } from "../../provisioning/station/batch/batch-folder.ts";
import type { BatchState } from "../../provisioning/station/journal/batch-state.ts";
import { foldBatch } from "../../provisioning/station/journal/fold.ts";
import { verifyJournal } from "../../provisioning/station/journal/verify-journal.ts";
import type { LabHandset } from "../lab/lab.ts";
import type { CampaignWorld } from "./round.ts";

/** What is asked when a batch is over, whatever happened in it. */
export interface Aftermath {
	readonly its: CampaignWorld;
	readonly folder: string;
	readonly batchId: string;
	readonly handsets: readonly LabHandset[];
	contractOf(handset: LabHandset): string;
	/** Lines that were believed to be on disk, by number. */
	readonly heads: ReadonlyMap<number, string>;
	/** Codes with which a run may have ended. */
	readonly codes: readonly FaultCode[];
	/** Handsets that must have passed. */
	readonly mustPass: readonly LabHandset[];
}

/** What was found. Each number must be 0. */
export interface Findings {
	readonly wrongPhone: number;
	readonly doubleBind: number;
	readonly lostLines: number;
	readonly wrongCode: number;
	/** Each finding in words. */
	readonly words: readonly string[];
	readonly runs: number;
	readonly state: BatchState;
}

/** Looks at the phones themselves, at the registry and at the journal's bytes; believes nothing that the station said. */
export async function lookAfter(aftermath: Aftermath): Promise<Findings> {
	const { its, folder, batchId, handsets, contractOf, heads, codes, mustPass } = aftermath;
	const words: string[] = [];
	const count = { wrongPhone: 0, doubleBind: 0, lostLines: 0, wrongCode: 0 };
	const find = (kind: keyof typeof count, text: string) => {
		count[kind] += 1;
		words.push(`${batchId}: ${text}`);
	};

	const journal = await verifyJournal(batchPaths(folder, batchId).journal);
	if (!journal.ok) find("lostLines", `the journal is damaged at line ${journal.line}`);
	const hashes = new Map(journal.lines.map(({ n, hash }) => [n, hash]));
	for (const [n, hash] of heads) if (n > 0 && hashes.get(n) !== hash) find("lostLines", `line ${n} was believed to be there`);
	const state = foldBatch(journal.lines);

	const holders = new Map<string, string>();
	for (const handset of handsets) {
		const contractId = contractOf(handset);
		const bound = await contractOn(handset);
		if (bound !== undefined && bound !== contractId) find("wrongPhone", `${handset.serial} holds ${bound}, not ${contractId}`);
		if (bound !== undefined) {
			const other = holders.get(bound);
			if (other !== undefined) find("doubleBind", `${bound} is on ${other} and on ${handset.serial}`);
			holders.set(bound, handset.serial);
		}
		const { enrollment } = await its.world.admin.getContract(contractId).catch(() => ({ enrollment: undefined }));
		const isConfirmed = enrollment !== undefined && enrollment.state !== "offered";
		if (isConfirmed && (enrollment.serial !== handset.serial || enrollment.imei1 !== handset.imeis[0])) {
			find("wrongPhone", `the registry has ${contractId} on ${enrollment.serial}`);
		}
		const unit = state.units.get(contractId);
		if (isConfirmed && !unit?.runs.some(({ serial }) => serial === handset.serial)) {
			find("lostLines", `${contractId} is enrolled and the journal knows of no run`);
		}
		if (unit?.standing === "pass" && (!isConfirmed || bound !== contractId)) {
			find("wrongPhone", `${contractId} passed and is not enrolled on its phone`);
		}
		if (mustPass.includes(handset) && unit?.standing !== "pass")
			find("wrongCode", `${contractId} did not pass: ${unit?.standing}`);
		for (const { run, end } of unit?.runs ?? []) {
			if (!end) find("lostLines", `${run} has no end`);
			else if (end.fault !== undefined && !codes.includes(end.fault)) find("wrongCode", `${run} ended with ${end.fault}`);
		}
	}
	const runs = [...state.units.values()].reduce((sum, unit) => sum + unit.runs.length, 0);
	return { ...count, words, runs, state };
}

/** The contract that the agent on the phone itself holds; `undefined` for none. */
async function contractOn({ agent }: LabHandset): Promise<string | undefined> {
	if (!agent) return undefined;
	const reply = decode(
		wire.CableReply,
		await agent.cable(encode(wire.CableRequest, { hello: { challenge: new Uint8Array(16) } })),
	);
	const { contractId = "" } = reply.identity ?? {};
	return contractId === "" ? undefined : contractId;
}
