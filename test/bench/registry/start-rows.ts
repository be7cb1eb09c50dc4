import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { startEmbeddedDatabase } from "../../../provisioning/registry/database/embedded-database.ts";
import { holdfastJson, type RunningCommand, startHoldfast } from "../../e2e/holdfast-process.ts";
import { median, type Row, within } from "../row.ts";

const ROUNDS = 7;
const LIMIT_S = 2;
const DEADLINE_MS = 60_000;

/**
 * From the start of the process `holdfast serve` to the first answer 200 of `/readyz`, with keys under a passphrase, on folders that were
 * used before.
 */
export async function benchRegistryStart(): Promise<Row[]> {
	const folder = await mkdtemp(join(tmpdir(), "holdfast-bench-start-"));
	const keys = join(folder, "keys");
	const env = { HOLDFAST_DATA: join(folder, "data"), HOLDFAST_STATE: join(folder, "state"), NO_COLOR: "1" };
	const passphrase = ["--passphrase-file", join(folder, "passphrase")];
	await writeFile(join(folder, "passphrase"), `${randomBytes(16).toString("hex")}\n`, { mode: 0o600 });
	await holdfastJson(["keys", "init", "--lender", "bench", "--folder", keys, ...passphrase], { env });
	const database = await startEmbeddedDatabase({ dataFolder: join(folder, "beside") });
	const { host, port, user, password, database: name } = database.connection;
	const beside = `postgresql://${user}:${String(password)}@${encodeURIComponent(String(host))}:${port}/${name}`;
	const serve = ["serve", "--keys", keys, "--port", "0", "--json", ...passphrase];
	const seconds = async (args: readonly string[], signal: "SIGTERM" | "SIGKILL"): Promise<number> => {
		const taken: number[] = [];
		// The first one makes the database: it does not count.
		for (let round = 0; round <= ROUNDS; round += 1) {
			const startedAt = performance.now();
			const running = startHoldfast([...serve, ...args], { env, deadlineMs: DEADLINE_MS });
			await readyOf(running);
			if (round > 0) taken.push((performance.now() - startedAt) / 1000);
			running.kill(signal);
			await running.ended;
		}
		return median(taken);
	};
	try {
		const own = await seconds([], "SIGTERM");
		const killed = await seconds([], "SIGKILL");
		// Whoever was killed left its database running: a last one ends both.
		const last = startHoldfast(serve, { env, deadlineMs: DEADLINE_MS });
		await readyOf(last);
		last.kill("SIGTERM");
		await last.ended;
		const external = await seconds(["--database", beside], "SIGTERM");
		return [
			within("start to ready, on a database that runs already", external, "s", LIMIT_S),
			within("  with its own database, stopped before", own, "s", LIMIT_S),
			within("  with its own database, killed before", killed, "s", LIMIT_S),
		];
	} finally {
		await database.close();
		await rm(folder, { recursive: true, force: true });
	}
}

async function readyOf(running: RunningCommand): Promise<void> {
	const { url }: { url: string } = JSON.parse(await running.firstLine);
	for (const end = Date.now() + DEADLINE_MS; Date.now() < end; await sleep(5)) {
		const { ok } = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5000) }).catch(() => ({ ok: false }));
		if (ok) return;
	}
	throw new Error("the registry did not get ready");
}
