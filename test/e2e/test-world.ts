import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll } from "vitest";

import { freePort } from "../lab/free-port.ts";
import { openWorld, type World, type WorldOptions } from "./world.ts";

/** A world for the tests of one file: opened before the first, gone after the last. `folder` is its own. */
export function worldOfThisFile(
	name: string,
	transport: WorldOptions["transport"] = "auto",
): { readonly world: World; readonly folder: string } {
	let folder: string | undefined;
	let world: World | undefined;
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), `holdfast-${name}-`));
		world = await openWorld({ folder, transport, adbPort: await freePort() });
	}, 120_000);
	afterAll(async () => {
		await world?.close();
		if (folder) await rm(folder, { recursive: true, force: true });
	}, 60_000);
	const opened = <Value>(value: Value | undefined): Value => {
		if (value === undefined) throw new Error("the world of this file is not open yet");
		return value;
	};
	return {
		get world() {
			return opened(world);
		},
		get folder() {
			return opened(folder);
		},
	};
}
