import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { openAgentHost, startAgent } from "../../../agent/hosts/node/agent-host.ts";
import { type BorrowersRecord, borrowersRecord } from "../../../agent/hosts/node/borrowers-record.ts";
import { handsetFiles } from "../../../agent/hosts/node/handset-files.ts";
import { decode, encode } from "../../../proto/codec.ts";
import { PayloadType, wrap } from "../../../proto/envelope.ts";
import { readRecordFile } from "../../../proto/record-file.ts";
import { wire } from "../../../proto/wire.ts";
import { auditRecord } from "../../../provisioning/audit/audit-record.ts";
import { createNodeCrypto } from "../../../provisioning/registry/node-crypto.ts";
import { DAY, TestLender } from "../test-lender.ts";
import { hostOptions, TestClock, TestHandset } from "./simulated-handset.ts";

let folder: string;
let path: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "record-"));
	path = join(folder, "record.bin");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const KEY = new Uint8Array(65).fill(4);
const entry = (number: number, detail = "") => {
	const { record } = decode(
		wire.HostEffects,
		encode(wire.HostEffects, { record: [{ decision: encode(wire.Decision, { number, detail }) }] }),
	);
	return record;
};
const checkpoint = (logLength: number) => {
	const payload = encode(wire.RecordCheckpoint, { logLength, logHead: new Uint8Array(32) });
	return wrap(PayloadType.recordCheckpoint, payload, "key", new Uint8Array(64).fill(1));
};
const detailsIn = (record: BorrowersRecord, through: number) => {
	const file = readRecordFile(record.fileEndingWith(checkpoint(through), KEY));
	return file.entries.map((bytes) => decode(wire.Decision, decode(wire.RecordEntry, bytes).decision).detail);
};

describe("the record on disk", () => {
	test("keeps entries over restarts, in order", () => {
		for (const number of [1, 2, 3]) borrowersRecord(path).append(entry(number, `d${number}`));
		expect(detailsIn(borrowersRecord(path), 3)).toEqual(["d1", "d2", "d3"]);
		expect(statSync(path).mode & 0o777).toBe(0o600);
	});

	test("gives no entry beyond the checkpoint: what was never decided is in no file", () => {
		const record = borrowersRecord(path);
		for (const number of [1, 2, 3]) record.append(entry(number, `d${number}`));
		expect(detailsIn(record, 2)).toEqual(["d1", "d2"]);
	});

	test("cuts off entries of the same numbers, which were never decided", () => {
		const record = borrowersRecord(path);
		for (const number of [1, 2, 3]) record.append(entry(number, "before"));
		record.append(entry(2, "after"));
		expect(detailsIn(record, 2)).toEqual(["before", "after"]);
		expect(detailsIn(borrowersRecord(path), 2)).toEqual(["before", "after"]);
	});

	test("cut off at any byte, it is the entries that were whole, and goes on from there", () => {
		const whole = borrowersRecord(path);
		for (const number of [1, 2, 3]) whole.append(entry(number, `d${number}`));
		const bytes = readFileSync(path);
		for (let length = 0; length < bytes.length; length += 1) {
			writeFileSync(path, bytes.subarray(0, length));
			const torn = borrowersRecord(path);
			const kept = torn.last(12).length;
			torn.append(entry(kept + 1, "next"));
			expect(borrowersRecord(path).last(1)[0]?.detail).toBe("next");
			expect(borrowersRecord(path).last(12)).toHaveLength(kept + 1);
		}
	});

	test("a chain that begins anew begins a record of its own, and the old one is put aside", () => {
		const record = borrowersRecord(path);
		for (const number of [1, 2, 3]) record.append(entry(number, "old"));
		record.append(entry(1, "new"));
		expect(detailsIn(record, 1)).toEqual(["new"]);
		expect(detailsIn(borrowersRecord(join(folder, "record.before.bin")), 3)).toEqual(["old", "old", "old"]);
	});

	test("with a gap in it, it asks for a checkpoint and goes on after that", () => {
		const record = borrowersRecord(path);
		record.append(entry(1, "d1"));
		record.append(entry(7, "d7"));
		expect(record.wantsCheckpoint).toBe(true);
		expect(existsSync(join(folder, "record.before.bin"))).toBe(true);
		record.keep(checkpoint(7));
		expect(record.wantsCheckpoint).toBe(false);
		record.append(entry(8, "d8"));
		const file = readRecordFile(borrowersRecord(path).fileEndingWith(checkpoint(8), KEY));
		expect(file.beginsAfter).toEqual(checkpoint(7));
		expect(file.entries).toHaveLength(1);
	});

	test("grown long, it drops what is older than the checkpoint before the last, and never a checkpoint", () => {
		const record = borrowersRecord(path);
		let number = 0;
		let longest = 0;
		const live = (decisions: number) => {
			for (let step = 0; step < decisions; step += 64) {
				const batch = Array.from({ length: 64 }, () => entry(++number)[0]).filter((one) => one !== undefined);
				record.append(batch);
				if (record.wantsCheckpoint) record.keep(checkpoint(number));
				longest = Math.max(longest, record.last(100_000).length);
			}
		};
		live(10_240);
		expect(longest).toBeLessThanOrEqual(4096 + 64);
		const file = readRecordFile(borrowersRecord(path).fileEndingWith(checkpoint(number), KEY));
		expect(file.beginsAfter).toEqual(checkpoint(number - file.entries.length));
		expect(file.entries.length).toBeGreaterThanOrEqual(2048);
	});
});

describe("an agent on Node", () => {
	async function boundHost() {
		const lender = await TestLender.create();
		const clock = new TestClock();
		const handset = new TestHandset();
		const { options, network } = hostOptions(lender, clock, handset, folder);
		const agent = await openAgentHost(options);
		await agent.cable(encode(wire.CableRequest, { bind: await lender.bind() }));
		await agent.idle();
		return { lender, clock, options, agent, network };
	}
	const crypto = createNodeCrypto();
	const audited = (file: Uint8Array | undefined) => auditRecord({ crypto }, file ?? new Uint8Array());

	test("gives the borrower a file that is in order, while locked, and after a restart and a release", async () => {
		const { agent, clock, options, lender } = await boundHost();
		for (let halfDay = 0; halfDay < 67; halfDay += 1) {
			clock.jump((DAY / 2) * 1000);
			await agent.idle();
		}
		expect(audited(await agent.exportRecord())).toMatchObject({ verdict: "ok", totals: { locks: 1 } });
		await agent.close();
		const again = await openAgentHost(options);
		expect(audited(await again.exportRecord())).toMatchObject({ verdict: "ok", totals: { locks: 1 } });
		const release = await lender.order({ release: { certificateId: "P-1" } });
		await again.cable(encode(wire.CableRequest, { deliverOrders: { orderEnvelopes: [release] } }));
		await again.idle();
		expect(audited(await again.exportRecord())).toMatchObject({ verdict: "ok" });
	});

	test("shows the last decisions on its screen, a dozen at most", async () => {
		const { agent, clock } = await boundHost();
		const shown = () => JSON.parse(readFileSync(join(folder, "screen.json"), "utf8")).decisions;
		expect(shown()).toMatchObject([{ kind: "bound" }, { kind: "standing", standing: "unlocked" }, { kind: "confirmed" }]);
		for (let halfDay = 0; halfDay < 80; halfDay += 1) {
			clock.jump((DAY / 2) * 1000);
			await agent.idle();
		}
		expect(shown()).toHaveLength(12);
		expect(shown().at(-1)).toMatchObject({ kind: "standing", standing: "locked_full", causes: ["overdue"] });
	});

	test("has no file to give while no contract is bound", async () => {
		const { options } = hostOptions(await TestLender.create(), new TestClock(), new TestHandset(), folder);
		expect(await (await openAgentHost(options)).exportRecord()).toBeUndefined();
	});

	test("a record that cannot be written: the event has not happened, and the cable says so", async () => {
		const lender = await TestLender.create();
		const { options } = hostOptions(lender, new TestClock(), new TestHandset(), folder);
		const files = handsetFiles(folder);
		let isFull = false;
		const agent = startAgent(options, {
			...files,
			record: {
				...files.record,
				get wantsCheckpoint() {
					return files.record.wantsCheckpoint;
				},
				append(entries) {
					if (isFull && entries.length > 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
					files.record.append(entries);
				},
			},
		});
		await agent.cable(encode(wire.CableRequest, { bind: await lender.bind() }));
		await agent.idle();
		const ledger = readFileSync(join(folder, "ledger.bin"));
		isFull = true;
		const seal = () => agent.cable(encode(wire.CableRequest, { seal: {} }));
		expect(decode(wire.CableReply, await seal()).refused?.code).toBe("NOT_STORED");
		expect(readFileSync(join(folder, "ledger.bin"))).toEqual(ledger);
		isFull = false;
		expect(decode(wire.CableReply, await seal()).outcome?.status?.sealed).toBe(true);
		expect(audited(await agent.exportRecord())).toMatchObject({ verdict: "ok" });
	});

	test("a record that was lost is begun again at a checkpoint, and says so", async () => {
		const { agent, options, clock } = await boundHost();
		await agent.close();
		rmSync(path);
		const again = await openAgentHost(options);
		expect(audited(await again.exportRecord())).toMatchObject({ verdict: "ok", beginsAfter: 3, totals: { decisions: 0 } });
		for (let halfDay = 0; halfDay < 80; halfDay += 1) {
			clock.jump((DAY / 2) * 1000);
			await again.idle();
		}
		const report = audited(await again.exportRecord());
		// The first notice was on the screen before the checkpoint: of that the file knows nothing, and says so.
		expect(report).toMatchObject({ verdict: "partly", totals: { locks: 1 } });
		if ("beginsAfter" in report) expect(report.beginsAfter).toBeGreaterThan(3);
	});

	test("the power fails between record and ledger: no entry is lost and none is doubled", async () => {
		const lender = await TestLender.create();
		const clock = new TestClock();
		const { options } = hostOptions(lender, clock, new TestHandset(), folder);
		class PowerCut extends Error {}
		let isOff = true;
		const start = () => {
			const files = handsetFiles(folder);
			return startAgent(options, {
				...files,
				writeLedger(bytes) {
					if (isOff) throw new PowerCut();
					files.writeLedger(bytes);
				},
			});
		};
		isOff = false;
		const first = start();
		await first.cable(encode(wire.CableRequest, { bind: await lender.bind() }));
		await first.idle();
		isOff = true;
		await first.cable(encode(wire.CableRequest, { seal: {} }));
		await first.close();
		// The entry is there, and was never decided.
		expect(borrowersRecord(path).last(1)[0]?.kind).toBe(wire.DecisionKind.DECISION_KIND_SEALED);
		isOff = false;
		clock.boots += 1;
		clock.now = 0;
		const second = start();
		const report = audited(await second.exportRecord());
		expect(report).toMatchObject({ verdict: "ok", totals: { decisions: 3 } });
		await second.cable(encode(wire.CableRequest, { seal: {} }));
		const sealed = audited(await second.exportRecord());
		expect(sealed).toMatchObject({ verdict: "ok", totals: { decisions: 4 } });
	});

	test("a record that was cut short on disk is not passed off as whole", async () => {
		const { agent, options } = await boundHost();
		await agent.close();
		truncateSync(path, statSync(path).size - 5);
		const again = await openAgentHost(options);
		expect(audited(await again.exportRecord())).toMatchObject({ verdict: "ok", beginsAfter: 3 });
	});
});
