import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { FaultError } from "../../../provisioning/handset/fault.ts";
import { ensureAdbServer, findAdb } from "../../../provisioning/transport/adb-server-process.ts";
import { listDevices } from "../../../provisioning/transport/device-list.ts";
import { SmartSocket } from "../../../provisioning/transport/smart-socket.ts";
import { ScriptedAdbServer } from "./scripted-adb-server.ts";

let folder = "";
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-adb-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const faultOf = (work: Promise<unknown>) =>
	work.then(
		() => undefined,
		(error: FaultError) => error.fault,
	);

async function unusedPort(): Promise<number> {
	const server = new ScriptedAdbServer();
	const port = await server.listen();
	await server.stop();
	return port;
}

async function program(name: string, text: string): Promise<string> {
	const path = join(folder, name);
	await writeFile(path, text);
	await chmod(path, 0o755);
	return path;
}

describe("adb server", () => {
	it("is used as it is where one listens", async () => {
		const server = new ScriptedAdbServer();
		const port = await server.listen();
		expect(await ensureAdbServer(port, { adb: "/nonexistent" })).toEqual({ version: 41, started: false });
		await server.stop();
	});

	it("is ADB_SERVER_GONE with how to get adb where there is none", async () => {
		const fault = await faultOf(ensureAdbServer(await unusedPort(), { environment: { PATH: folder } }));
		expect(fault).toMatchObject({ code: "ADB_SERVER_GONE", details: { problem: "there is no adb on this computer" } });
		expect(fault?.details?.install).toBeTruthy();
	});

	it("is ADB_SERVER_GONE where adb does not start, or not in time, or fails", async () => {
		const port = await unusedPort();
		const hanging = await program("hanging", "#!/bin/sh\nexec sleep 30\n");
		expect(await faultOf(ensureAdbServer(port, { adb: hanging, deadlineMs: 100 }))).toMatchObject({ code: "ADB_SERVER_GONE" });
		const failing = await program("failing", "#!/bin/sh\nexit 3\n");
		expect((await faultOf(ensureAdbServer(port, { adb: failing })))?.details?.problem).toContain("ended with 3");
		const lying = await program("lying", "#!/bin/sh\nexit 0\n");
		expect((await faultOf(ensureAdbServer(port, { adb: lying })))?.details?.problem).toContain("does not listen");
		expect(await faultOf(ensureAdbServer(port, { adb: join(folder, "missing") }))).toMatchObject({ code: "ADB_SERVER_GONE" });
	});

	it("is ADB_SERVER_GONE where another program has the port", async () => {
		const other = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
		await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
		const address = other.address();
		const port = typeof address === "object" && address ? address.port : 0;
		expect((await faultOf(ensureAdbServer(port)))?.details?.problem).toContain("another program");
		other.close();
	});

	it("finds adb on PATH before the SDK's", async () => {
		const adb = await program("adb", "#!/bin/sh\n");
		expect(await findAdb({ PATH: `/nonexistent:${folder}` })).toBe(adb);
		expect(await findAdb({ PATH: "/nonexistent", ANDROID_HOME: "/nonexistent" })).toBeUndefined();
	});

	it("is started where there is a real adb, and lists", async ({ skip }) => {
		if ((await findAdb(process.env)) === undefined) skip("there is no adb on this machine (Debian: apt-get install adb)");
		const port = await unusedPort();
		expect(await ensureAdbServer(port)).toMatchObject({ started: true, version: 41 });
		expect(await ensureAdbServer(port)).toMatchObject({ started: false });
		expect(Array.isArray(await listDevices(port))).toBe(true);
		const ending = await SmartSocket.connect({ host: "127.0.0.1", port });
		await ending.request("host:kill");
		ending.close();
	});
});
