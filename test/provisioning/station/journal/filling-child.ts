/**
 * Run by the test of the full disk, on a file system of its own: fills it up from 16 writers, makes room, goes on, and prints what it
 * saw as JSON. `node filling-child.mjs FOLDER`
 */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { FaultError } from "../../../../provisioning/handset/fault.ts";
import { openJournal } from "../../../../provisioning/station/journal/journal-file.ts";
import { verifyJournal } from "../../../../provisioning/station/journal/verify-journal.ts";

const [folder = ""] = process.argv.slice(2);
const [path, ballast] = [join(folder, "batch.jsonl"), join(folder, "ballast")];
await writeFile(ballast, new Uint8Array(64 * 1024));
const journal = await openJournal(path, { clock: { nowMs: () => 0 } });
const refusals = new Set<string>();
let told = 0;
await Promise.all(
	Array.from({ length: 16 }, async (_, writer) => {
		for (let count = 0; ; count += 1) {
			try {
				const step = `step ${count} ${"x".repeat(count % 700)}`;
				const lines = await journal.append({ type: "act", run: `C${writer}#1`, step });
				told += lines.length;
			} catch (error) {
				if (!(error instanceof FaultError)) throw error;
				refusals.add(error.fault.code);
				return;
			}
		}
	}),
);
const full = await verifyJournal(path);
await rm(ballast);
await journal.append({ type: "batch-closed", operator: "Asha" });
await journal.close();
const after = await verifyJournal(path);
const reopened = await openJournal(path, { clock: { nowMs: () => 0 } });
process.stdout.write(
	JSON.stringify({
		refusals: [...refusals],
		whileFull:
			full.ok && full.lines.length === told && told > 16 ? "the lines that were told, and no more" : { full: full.ok, told },
		afterRoom:
			after.ok && after.lines.length === told + 1 && reopened.lines.length === told + 1 && !reopened.recovered
				? "one line more"
				: { after: after.ok },
	}),
);
await reopened.close();
