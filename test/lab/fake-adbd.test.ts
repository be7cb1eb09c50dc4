import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import type { HandsetPort } from "../../provisioning/handset/port.ts";
import { openTcp } from "../../provisioning/transport/tcp.ts";
import { adbIsHere } from "./adb-client.ts";
import type { AdbdLink } from "./adbd-link.ts";
import { fakeAdbd } from "./fake-adbd/fake-adbd.ts";
import { freePort } from "./free-port.ts";
import { testPhone } from "./test-phone.ts";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "fake-adbd-"));
const endings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
	for (const end of endings.splice(0).reverse()) await end();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function adbd(options: Partial<Parameters<typeof fakeAdbd>[0]> = {}): Promise<AdbdLink> {
	const link = fakeAdbd({ phone: testPhone(), port: await freePort(), ...options });
	await link.start();
	endings.push(() => link.stop());
	return link;
}

/** Tango's daemon transport, straight at the port. */
async function open({ port }: AdbdLink, options: Partial<Parameters<typeof openTcp>[0]> = {}): Promise<HandsetPort> {
	const handset = await openTcp({ host: "127.0.0.1", port, keyFolder: folder, ...options });
	endings.push(() => handset.close());
	return handset;
}

describe("the in-process adbd, with Tango", () => {
	test("keeps stdout, stderr and exit code apart", async () => {
		const handset = await open(await adbd());
		expect(await handset.script("echo out; nosuch; exit 9")).toEqual({
			stdout: "out\n",
			stderr: "/system/bin/sh: nosuch: inaccessible or not found\n",
			exitCode: 9,
		});
	});

	test("gives a command its standard input, and nothing of it to the shell", async () => {
		const handset = await open(await adbd());
		expect((await handset.shell(["echo", "$HOME", ";", "id", "it's"])).stdout).toBe("$HOME ; id it's\n");
		expect((await handset.shell(["wc", "-c"], { stdin: new Uint8Array(300_000) })).stdout).toBe("300000\n");
	});

	test("takes files and says why not", async () => {
		const phone = testPhone();
		const handset = await open(await adbd({ phone }));
		const content = new Uint8Array(200_001).map((_, index) => index);
		await handset.push("/data/local/tmp/a,b.bin", content);
		expect(phone.files.read("/data/local/tmp/a,b.bin")).toEqual(content);
		await expect(handset.push("/system/x", content)).rejects.toMatchObject({ fault: { code: "PUSH_REFUSED" } });
	});

	test("streams an install to a verdict", async () => {
		const handset = await open(await adbd({ phone: testPhone({ faults: ["install-isolation"] }) }));
		expect((await handset.install(new Uint8Array(100_000), ["-r"])).stdout).toBe(
			"Failure [INSTALL_FAILED_HYPEROS_ISOLATION_VIOLATION]\n",
		);
	});

	test("asks for a key once, by a signature that is really checked", async () => {
		let asked = 0;
		const authorize = async () => {
			asked += 1;
			return true;
		};
		const link = await adbd({ authorize });
		await open(link);
		await open(link);
		expect(asked).toBe(1);
		const other = mkdtempSync(join(tmpdir(), "other-key-"));
		await open(link, { keyFolder: other });
		expect(asked).toBe(2);
		rmSync(other, { recursive: true });
	});

	test("stays silent when nobody allows it", async () => {
		const link = await adbd({ authorize: async () => false });
		await expect(open(link, { authDeadlineMs: 100 })).rejects.toMatchObject({ fault: { code: "ADB_AUTH_TIMEOUT" } });
	});

	test("says nothing at all when its link is silent", async () => {
		const link = await adbd({ phone: testPhone({ faults: ["adb-offline"] }) });
		await expect(open(link, { deadlineMs: 100 })).rejects.toMatchObject({ fault: { code: "ADB_OFFLINE" } });
	});

	test("drops everything when the cable is pulled, and listens again when it is back", async () => {
		const link = await adbd();
		const handset = await open(link);
		const sleeping = handset.shell(["sleep", "30"]);
		await link.stop();
		await expect(sleeping).rejects.toMatchObject({ fault: { code: "USB_LOST" } });
		await handset.gone;
		await link.start();
		expect((await (await open(link)).shell(["true"])).exitCode).toBe(0);
	});

	test("answers nothing while frozen, and everything when thawed", async () => {
		const link = await adbd();
		const handset = await open(link);
		link.freeze();
		await expect(handset.shell(["true"], { deadlineMs: 100 })).rejects.toMatchObject({ fault: { code: "LINK_STALLED" } });
		link.thaw();
		expect((await (await open(link)).shell(["true"])).exitCode).toBe(0);
	});

	test("hangs up on what is not ADB", async () => {
		const { port } = await adbd();
		const socket = new Socket().connect(port, "127.0.0.1");
		socket.write("GET / HTTP/1.1\r\nHost: phone\r\n\r\n");
		await new Promise<void>((resolve) =>
			socket
				.once("close", () => resolve())
				.once("error", () => resolve())
				.resume(),
		);
	});
});

describe.skipIf(!(await adbIsHere()))("the in-process adbd, with the real adb client (skipped without one)", () => {
	let serverPort: string;
	const adb = (...words: string[]) =>
		run("adb", ["-P", serverPort, ...words], { timeout: 15_000 }).catch(
			(error: { code: number; stdout: string; stderr: string }) => error, // execFile's own
		);

	beforeAll(async () => {
		serverPort = String(await freePort());
		await adb("start-server");
	});
	afterAll(() => adb("kill-server"));

	test("serves shell, exit codes, push, pull, ls and install", async () => {
		const phone = testPhone();
		const { port } = await adbd({ phone, authorize: async () => true });
		const serial = `127.0.0.1:${port}`;
		await adb("connect", serial);
		await adb("-s", serial, "wait-for-device");
		expect((await adb("-s", serial, "shell", "getprop", "ro.serialno")).stdout).toBe("VH000001\n");
		expect(await adb("-s", serial, "shell", "exit 9")).toMatchObject({ code: 9 });
		const file = join(folder, "big.apk");
		writeFileSync(file, new Uint8Array(1_500_000).fill(7));
		await adb("-s", serial, "push", file, "/sdcard/Download/big.apk");
		expect(phone.files.read("/sdcard/Download/big.apk")?.length).toBe(1_500_000);
		await adb("-s", serial, "pull", "/sdcard/Download/big.apk", `${file}.back`);
		expect((await adb("-s", serial, "ls", "/sdcard/Download")).stdout).toContain("0016e360");
		expect((await adb("-s", serial, "install", file)).stderr).toContain("INSTALL_PARSE_FAILED_NOT_APK");
		await adb("disconnect", serial);
	});

	test("is unauthorized until somebody taps", async () => {
		let tap: (allowed: boolean) => void = () => {};
		const link = await adbd({ authorize: () => new Promise((resolve) => (tap = resolve)) });
		const serial = `127.0.0.1:${link.port}`;
		await adb("connect", serial);
		await expect.poll(async () => (await adb("devices")).stdout).toContain(`${serial}\tunauthorized`);
		tap(true);
		await expect.poll(async () => (await adb("devices")).stdout, { timeout: 15_000 }).toContain(`${serial}\tdevice`);
		await adb("disconnect", serial);
	});
});
