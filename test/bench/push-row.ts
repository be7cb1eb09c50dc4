import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { openThroughServer } from "../../provisioning/transport/adb-server.ts";
import { freePort } from "../lab/free-port.ts";
import { openLab } from "../lab/lab.ts";
import { atLeast, median, type Row } from "./row.ts";

const run = promisify(execFile);
const SIZE = 50 * 1024 * 1024;
const RUNS = 7;
const TARGET = "/data/local/tmp/bench.bin";

/** 50 MiB from memory through the adb server, against `adb push` of the same bytes from a file. */
export async function benchPush(): Promise<Row[]> {
	const folder = await mkdtemp(join(tmpdir(), "holdfast-bench-push-"));
	const adbPort = await freePort();
	const lab = await openLab({ stateFolder: join(folder, "lab"), transport: "auto", adbServerPort: adbPort });
	try {
		const handset = await lab.add({ profile: "hyperos2-a15-global" });
		const content = new Uint8Array(SIZE).map((_, index) => (index * 2654435761) >>> 24);
		const file = join(folder, "bench.bin");
		await writeFile(file, content);
		const ours: number[] = [];
		const theirs: number[] = [];
		for (let round = 0; round <= RUNS; round += 1) {
			const mine = await ourPush(handset.adbSerial, adbPort, content);
			const started = performance.now();
			await run("adb", ["-P", String(adbPort), "-s", handset.adbSerial, "push", file, TARGET]);
			const other = performance.now() - started;
			if (round === 0) continue; // a warm-up for both
			ours.push(mine);
			theirs.push(other);
		}
		const rate = (milliseconds: number) => SIZE / 1024 / 1024 / (milliseconds / 1000);
		return [atLeast("push 50 MiB", rate(median(ours)), rate(median(theirs)), "MiB/s", 1)];
	} finally {
		await lab.close();
		await rm(folder, { recursive: true, force: true });
	}
}

/** From opening the port to its closing, as adb's figure covers its whole process. */
async function ourPush(serial: string, port: number, content: Uint8Array): Promise<number> {
	const started = performance.now();
	const handset = await openThroughServer({ serial, port });
	await handset.push(TARGET, content, { deadlineMs: 60_000 });
	await handset.close();
	return performance.now() - started;
}
