// A station's engine in a process of its own, and nothing beside it: journal, leases, slots and all, as `holdfast station` runs it. Given
// batch after batch: one JSON line on standard input is a batch whose phones are plugged in, one on standard output is how it ended. Its
// first line of input says where everything is.
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { setTimeout as pauseFor } from "node:timers/promises";

import { agentApk } from "../../provisioning/handset/packages.ts";
import { DEFAULT_POLICY } from "../../provisioning/handset/preflight.ts";
import { createNodeCrypto } from "../../provisioning/registry/node-crypto.ts";
import { createBatch } from "../../provisioning/station/batch/batch-folder.ts";
import type { JournalLine } from "../../provisioning/station/journal/entry.ts";
import { verifyJournal } from "../../provisioning/station/journal/verify-journal.ts";
import { EMPTY_HUB_MAP } from "../../provisioning/station/slots/hub-map.ts";
import { type StartedStation, startStation } from "../../provisioning/station/start-station.ts";
import type { BatchEnd, Places, Span, StationBatch } from "./enrolling-batch.ts";
import { forgetPeakMemory, memoryOf } from "./process-cost.ts";

/** A batch that has not ended by then is told as it stands. */
const PATIENCE_MS = 180_000;
const STATION = "BENCH-A-ENR-01";
const TOOL = "bench";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const places: Places = JSON.parse((await lines.next()).value ?? "{}");
const apk = agentApk(new Uint8Array(await readFile(places.apkFile)), createNodeCrypto());
const clock = { nowMs: () => Date.now(), pause: (milliseconds: number) => pauseFor(milliseconds) };

for (let line = await lines.next(); !line.done; line = await lines.next()) {
	const batch: StationBatch = JSON.parse(line.value);
	process.stdout.write(`${JSON.stringify(await runBatch(batch))}\n`);
}
process.exit(0);

async function runBatch({ batchId, manifest }: StationBatch): Promise<BatchEnd> {
	// No seal: the script does none either.
	const opening = { station: STATION, tool: TOOL, apkSha256: apk.sha256, match: "manifest" as const, seal: false };
	const batch = await createBatch(places.folder, batchId, new TextEncoder().encode(manifest), opening, {
		clock,
		station: STATION,
		tool: TOOL,
	});
	const bugs: string[] = [];
	forgetPeakMemory();
	const before = process.cpuUsage();
	const started = performance.now();
	const startedAtMs = clock.nowMs();
	const station = await startStation({
		batch,
		station: STATION,
		tool: TOOL,
		adbPort: places.adbPort,
		registry: { url: places.registryUrl, adminToken: places.adminToken },
		hubMap: EMPTY_HUB_MAP,
		apk,
		policy: DEFAULT_POLICY,
		// The lab's phones hang on no USB, and the scripts are all started at once as well.
		installsAtOnce: batch.units.length,
		operator: "bench",
		findBadge: async () => undefined,
		clock,
		onBug: (error) => void bugs.push(error instanceof Error ? (error.stack ?? error.message) : String(error)),
	});
	const contractIds = batch.units.map(({ contractId }) => contractId);
	await ended(station, contractIds);
	const wallMs = performance.now() - started;
	const { user, system } = process.cpuUsage(before);
	const { peakRssKiB, rssKiB } = memoryOf();
	const heapKiB = process.memoryUsage().heapUsed / 1024;
	const { units } = station.log.state;
	const faults = contractIds.flatMap((contractId) => {
		const { standing = "waiting", runs = [] } = units.get(contractId) ?? {};
		return standing === "pass" ? [] : [`${contractId}: ${runs.at(-1)?.end?.fault ?? standing}`];
	});
	await station.close();
	const { lines: journal } = await verifyJournal(batch.paths.journal);
	const spans = spansOf(journal, startedAtMs, contractIds);
	return { wallMs, cpuMs: (user + system) / 1000, peakRssKiB, rssKiB, heapKiB, faults: [...faults, ...bugs], spans };
}

/** Resolves when every unit has passed, or when each has at least ended, or when it is too late. */
function ended({ log, onChange }: StartedStation, contractIds: readonly string[]): Promise<void> {
	const open = new Set(contractIds);
	return new Promise((resolve) => {
		const look = () => {
			for (const contractId of open) {
				const standing = log.state.units.get(contractId)?.standing ?? "waiting";
				if (standing !== "waiting" && standing !== "running") open.delete(contractId);
			}
			if (open.size > 0) return;
			clearTimeout(late);
			stop();
			resolve();
		};
		const stop = onChange(look);
		const late = setTimeout(() => {
			open.clear();
			look();
		}, PATIENCE_MS);
		look();
	});
}

/**
 * Where each phone's time went, as the journal tells: until its run began (found, opened, read), each step, and what was between them
 * (the lease, the turn, lines that had to be on the disk).
 */
function spansOf(journal: readonly JournalLine[], startedAtMs: number, contractIds: readonly string[]): readonly Span[] {
	const spans: Span[] = [];
	const runs = new Map<string, { handset: number; beganMs: number; stepsMs: number }>();
	for (const line of journal) {
		const atMs = line.at - startedAtMs;
		const run = "run" in line ? runs.get(line.run) : undefined;
		const record = (handset: number, name: string, startMs: number, endMs: number) =>
			spans.push({ handset, kind: "step", step: name, name, startMs, endMs });
		if (line.type === "run-started") {
			const handset = contractIds.indexOf(line.contractId);
			runs.set(line.run, { handset, beganMs: atMs, stepsMs: 0 });
			record(handset, "until it begins", 0, atMs);
		} else if (line.type === "step-ended" && run) {
			run.stepsMs += line.milliseconds;
			record(run.handset, line.step, atMs - line.milliseconds, atMs);
		} else if (line.type === "run-ended" && run) {
			const betweenMs = Math.max(0, atMs - run.beganMs - run.stepsMs);
			record(run.handset, "between steps", atMs - betweenMs, atMs);
		}
	}
	return spans;
}
