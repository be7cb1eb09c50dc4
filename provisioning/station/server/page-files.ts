import { readFile } from "node:fs/promises";
import { join } from "node:path";

import statics from "@fastify/static";
import type { FastifyInstance } from "fastify";

import { ServerRefusal } from "./problem.ts";

/** The built page: its index is never cached, files with a hash in their name are for ever. */
export async function pageFiles(app: FastifyInstance, pageFolder: string): Promise<void> {
	app.get("/", async (_request, reply) => {
		const index = await readFile(join(pageFolder, "index.html")).catch(() => undefined);
		if (!index) throw new ServerRefusal("PAGE_MISSING", "The page has not been built.", "Run npm run build, then reload.");
		return reply.type("text/html; charset=utf-8").send(index);
	});
	await app.register(statics, {
		root: join(pageFolder, "assets"),
		prefix: "/assets/",
		index: false,
		dotfiles: "ignore",
		cacheControl: false,
		setHeaders: (reply) => void reply.setHeader("cache-control", "public, max-age=31536000, immutable"),
	});
}
