/**
 * Run by the test of kills: appends from many writers until it is killed, and prints `n hash` of each line once its append resolved.
 * `node appending-child.mjs JOURNAL WRITERS`
 */
import { writeSync } from "node:fs";

import { openJournal } from "../../../../provisioning/station/journal/journal-file.ts";

const [path = "", writers = "1"] = process.argv.slice(2);
const journal = await openJournal(path, { clock: { nowMs: () => 1_700_000_000_000 } });
await Promise.all(
	Array.from({ length: Number(writers) }, async (_, writer) => {
		for (let count = 0; ; count += 1) {
			const lines = await journal.append(
				{ type: "act", run: `C${writer}#1`, step: `step ${count}` },
				{ type: "step-ended", run: `C${writer}#1`, step: `step ${count}`, end: "done", milliseconds: count },
			);
			// One write: the parent sees a line whole or not at all.
			writeSync(1, lines.map(({ n, hash }) => `${n} ${hash}\n`).join(""));
		}
	}),
);
