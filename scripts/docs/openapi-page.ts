import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Kysely, PostgresDialect } from "kysely";
import { Pool } from "pg";

import type { Tables } from "../../provisioning/registry/database/schema.ts";
import { createRegistry } from "../../provisioning/registry/http/create-registry.ts";
import { initKeys } from "../../provisioning/registry/keys/init-keys.ts";
import { openRoleSigners } from "../../provisioning/registry/keys/lender-keys.ts";
import type { Page } from "./pages.ts";

/** The registry's API as its routes describe themselves. No database is asked: none is needed to say what could be asked. */
export async function openApiPage(): Promise<Page> {
	const folder = await mkdtemp(join(tmpdir(), "holdfast-openapi-"));
	const pool = new Pool({ host: "127.0.0.1", port: 1 }); // connects with the first question
	const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
	try {
		await initKeys({ folder, lenderId: "lender", protection: { insecureDev: true }, nowMs: 0 });
		const app = await createRegistry({
			database: { kysely, pool, close: () => kysely.destroy() },
			keys: await openRoleSigners(folder, { insecureDev: true }),
			clock: { nowMs: () => 0 },
			adminToken: "",
			publicUrl: () => "http://localhost",
			paymentSecrets: [],
		});
		const document = app.swagger();
		await app.close();
		return { path: "provisioning/registry/openapi.json", text: `${JSON.stringify(document, null, " ")}\n` };
	} finally {
		await kysely.destroy();
		await rm(folder, { recursive: true, force: true });
	}
}
