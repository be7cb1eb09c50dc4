import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readAgentApk } from "../../../../provisioning/cli/agent-apk.ts";
import { ROOT } from "../../../house/source-tree.ts";
import { type Lab, openLab } from "../../../lab/lab.ts";
import { ADMIN_TOKEN, START } from "../../registry/test-registry.ts";
import { openRegistryStage, type RegistryStage } from "../registry-stage.ts";

/** The agent that desks hand out: where scripts/build-apk puts it, and where an installed package carries it. `undefined`: there is none. */
export const agentApk = ["agent/hosts/android/build", "provisioning/cli/build"]
	.map((folder) => join(ROOT, folder, "holdfast-agent.apk"))
	.find((apk) => existsSync(apk));

/** Where every page is drawn: one registry, one browser and one bench of phones, and the registry's clock stands. */
export interface Studio {
	readonly stage: RegistryStage;
	/** What a computer with USB ports needs to know of the registry. */
	readonly world: { readonly registryUrl: string; readonly adminToken: string };
	/** Unix milliseconds of the registry's clock, and of each page's. */
	nowMs(): number;
	/** Forgets every contract and person, all but the audit log, and sets the clock back to where all stories begin. */
	rewind(): Promise<void>;
	/** To be done when a page's states have been gone through, or when one was not reached. */
	later(end: () => Promise<void>): void;
	/** Does it. */
	clear(): Promise<void>;
	/** Opened when first asked for. */
	lab(): Promise<Lab>;
	close(): Promise<void>;
}

export async function openStudio(): Promise<Studio> {
	const folder = await mkdtemp(join(tmpdir(), "holdfast-studio-"));
	const { bytes, sha256, facts } = await readAgentApk({ apk: agentApk ?? "" });
	const { signerSha256, versionName, versionCode } = facts;
	const stage = await openRegistryStage({
		agentApk: { bytes, sha256, signerSha256: [...signerSha256], versionName, versionCode },
	});
	let lab: Promise<Lab> | undefined;
	const ends: (() => Promise<void>)[] = [];
	const openBench = async () => {
		const clockFile = join(folder, "clock.json");
		// Begins with the registry's. It goes on, as phones wait for their alarms; what pictures show of time is the registry's.
		await writeFile(clockFile, JSON.stringify({ anchorRealMs: Date.now(), anchorVirtualMs: START * 1000, rate: 1 }));
		const stateFolder = join(folder, "lab");
		await mkdir(stateFolder);
		return openLab({ stateFolder, transport: "in-process", clockFile });
	};
	return {
		stage,
		world: { registryUrl: stage.url, adminToken: ADMIN_TOKEN },
		nowMs: () => stage.registry.now * 1000,
		async rewind() {
			stage.registry.now = START;
			const { pool } = stage.registry.database;
			const { rows } = await pool.query<{ name: string }>(
				"SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'kysely%' AND tablename NOT IN ('audit_log') AND tablename NOT LIKE '%\\_settings'",
			);
			await pool.query(`TRUNCATE ${rows.map(({ name }) => name).join(", ")} RESTART IDENTITY CASCADE`);
		},
		lab() {
			lab ??= openBench();
			return lab;
		},
		later: (end) => void ends.push(end),
		async clear() {
			for (const end of ends.splice(0)) await end();
		},
		async close() {
			await (await lab)?.close();
			await stage.close();
			await rm(folder, { recursive: true, force: true });
		},
	};
}
