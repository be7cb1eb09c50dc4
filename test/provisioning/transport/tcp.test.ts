import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { FaultError } from "../../../provisioning/handset/fault.ts";
import { openTcp, type TcpOptions } from "../../../provisioning/transport/tcp.ts";
import { type Lab, type LabOptions, openLab } from "../../lab/lab.ts";

let folder = "";
const ended: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-tcp-"));
});
afterEach(async () => {
	for (const end of ended.splice(0)) await end();
	await rm(folder, { recursive: true, force: true });
});

const codeOf = (work: Promise<unknown>) =>
	work.then(
		() => "no fault",
		(error: FaultError) => error.fault?.code ?? String(error),
	);

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function lab(transport: LabOptions["transport"] = "in-process"): Promise<Lab> {
	const opened = await openLab({ stateFolder: join(folder, "lab"), transport });
	ended.push(() => opened.close());
	return opened;
}

async function handset(faults: readonly string[] = []) {
	return (await lab()).add({ faults });
}

async function open(port: number, options: Partial<TcpOptions> = {}) {
	const opened = await openTcp({ host: "127.0.0.1", port, keyFolder: join(folder, "keys"), ...options });
	ended.unshift(() => opened.close());
	return opened;
}

/** Something that listens and is no phone. */
async function listener(serve: (socket: Socket) => void): Promise<number> {
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on("error", () => {});
		serve(socket);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	ended.push(async () => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	const address = server.address();
	return typeof address === "object" && address ? address.port : 0;
}

describe("straight at adbd", () => {
	it("runs commands: streams and exit code apart, arguments quoted (trap 9), standard input with its end", async () => {
		const phone = await handset();
		const port = await open(phone.port);
		expect(port.adbSerial).toBe(`127.0.0.1:${phone.port}`);
		expect(await port.shell(["echo", "a  b", "$HOME", ";", "id", "it's"])).toEqual({
			stdout: "a  b $HOME ; id it's\n",
			stderr: "",
			exitCode: 0,
		});
		expect(await port.script("echo out; echo err >&2; exit 42")).toEqual({ stdout: "out\n", stderr: "err\n", exitCode: 42 });
		expect((await port.shell(["wc", "-c"], { stdin: new Uint8Array(3 << 20) })).stdout.trim()).toBe(String(3 << 20));
	});

	it("pushes a file whole, and tells a refusal in the phone's words", async () => {
		const phone = await handset();
		const port = await open(phone.port);
		const content = Uint8Array.from({ length: 3_000_000 }, (_, index) => index % 253);
		const sent: number[] = [];
		await port.push("/data/local/tmp/a", content, { onProgress: (bytes) => sent.push(bytes) });
		expect(sent.at(-1)).toBe(content.length);
		expect((await port.shell(["sha256sum", "/data/local/tmp/a"])).stdout.slice(0, 64)).toBe(sha256(content));
		expect(await codeOf(port.push("/system/x", content))).toBe("PUSH_REFUSED");
		expect((await port.shell(["echo", "still here"])).stdout).toBe("still here\n");
	});

	it("reads the verdict of an install whatever became of the stream (trap 10)", async () => {
		const port = await open((await handset()).port);
		const result = await port.install(new Uint8Array(2 << 20), ["-r"]);
		expect(result.stdout + result.stderr).toContain("Failure [INSTALL_PARSE_FAILED_NOT_APK");
	});
});

describe("a handset that leaves or hangs, straight at adbd", () => {
	it("ends running and later calls with USB_LOST, and never the process (trap 1)", async () => {
		const unhandled: unknown[] = [];
		const note = (error: unknown) => unhandled.push(error);
		process.on("unhandledRejection", note);
		const phone = await handset();
		const port = await open(phone.port);
		const running = [
			codeOf(port.shell(["sleep", "30"])),
			codeOf(port.push("/data/local/tmp/x", new Uint8Array(64 << 20))),
			codeOf(port.install(new Uint8Array(64 << 20), [])),
		];
		await phone.unplug();
		for (const call of running) expect(await call).toBe("USB_LOST");
		await port.gone;
		expect(await codeOf(port.shell(["true"]))).toBe("USB_LOST");
		await new Promise((resolve) => setImmediate(resolve));
		process.off("unhandledRejection", note);
		expect(unhandled).toEqual([]);
	});

	it("ends every call of a frozen phone at its deadline, also ones whose OPEN is unanswered (traps 3 and 4)", async () => {
		const phone = await handset();
		const port = await open(phone.port);
		phone.freeze();
		const first = codeOf(port.shell(["true"], { deadlineMs: 60 }));
		const second = codeOf(port.shell(["true"], { deadlineMs: 5_000 }));
		expect(await first).toBe("LINK_STALLED");
		expect(await second).toBe("LINK_STALLED"); // not after five seconds: the link was given up
		await port.gone;
	});

	it("ends one call by its signal while its OPEN is unanswered, and keeps the link (trap 4)", async () => {
		const phone = await handset();
		const port = await open(phone.port);
		phone.freeze();
		const cancel = new AbortController();
		const call = codeOf(port.shell(["true"], { signal: cancel.signal }));
		cancel.abort();
		expect(await call).toBe("CANCELLED");
		phone.thaw();
		expect((await port.shell(["echo", "ok"])).stdout).toBe("ok\n");
	});

	it("is TRANSFER_STALLED when the phone takes no more", async () => {
		const phone = await handset();
		const port = await open(phone.port);
		phone.freeze();
		expect(await codeOf(port.push("/data/local/tmp/x", new Uint8Array(32 << 20), { deadlineMs: 100 }))).toBe("TRANSFER_STALLED");
	});
});

describe("opening straight at adbd", () => {
	it("is NO_DEVICE where nobody listens", async () => {
		const port = await listener(() => {});
		for (const end of ended.splice(0)) await end();
		expect(await codeOf(open(port))).toBe("NO_DEVICE");
	});

	it("is ADB_OFFLINE where nobody says hello, at the deadline, and leaves no socket (trap 4)", async () => {
		const sockets: Socket[] = [];
		const port = await listener((socket) => sockets.push(socket.resume()));
		expect(await codeOf(open(port, { deadlineMs: 60 }))).toBe("ADB_OFFLINE");
		await expect.poll(() => sockets.map((socket) => socket.destroyed)).toEqual([true]);
	});

	it.each([
		["hangs up", (socket: Socket) => void socket.end()],
		["resets", (socket: Socket) => void socket.once("data", () => socket.resetAndDestroy())],
		["talks another language", (socket: Socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
	])("is ADB_OFFLINE where the other end %s", async (_, serve) => {
		expect(await codeOf(open(await listener(serve), { deadlineMs: 2_000 }))).toBe("ADB_OFFLINE");
	});

	it("makes a key that only its user can read, offers it once, and is known by it afterwards", async () => {
		const phone = await handset();
		let dialogs = 0;
		const onAuthorizationNeeded = () => {
			dialogs += 1;
		};
		await (await open(phone.port, { onAuthorizationNeeded })).close();
		const [file = "", ...others] = await readdir(join(folder, "keys"));
		expect(others).toEqual([]);
		const path = join(folder, "keys", file);
		expect((await stat(path)).mode & 0o777).toBe(0o600);
		expect((await stat(join(folder, "keys"))).mode & 0o777).toBe(0o700);
		const key = await readFile(path);
		await (await open(phone.port, { onAuthorizationNeeded })).close();
		expect(await readFile(path)).toEqual(key);
		expect(dialogs).toBe(1);
	});

	it("ends with one key when two visits make it at once", async () => {
		const bench = await lab();
		const phones = [await bench.add(), await bench.add()];
		await Promise.all(phones.map(({ port }) => open(port)));
		expect(await readdir(join(folder, "keys"))).toHaveLength(1);
		// Both know the one key: no dialog.
		for (const { port } of phones) await open(port, { onAuthorizationNeeded: () => expect.unreachable("a second dialog") });
	});

	it("holds the socket while the dialog is open, longer than a hello may take (trap 19)", async () => {
		const phone = await handset(["key-ignored"]);
		const shown = new Promise<void>((resolve) => {
			ended.push(async () => {});
			void open(phone.port, { deadlineMs: 2_000, authDeadlineMs: 20_000, onAuthorizationNeeded: resolve }).catch(() => {});
		});
		await shown;
		phone.tapAllow();
		expect(await codeOf(open(phone.port))).toBe("no fault");
	});

	it("is ADB_AUTH_TIMEOUT when nobody taps Allow", async () => {
		const phone = await handset(["key-ignored"]);
		expect(await codeOf(open(phone.port, { authDeadlineMs: 80 }))).toBe("ADB_AUTH_TIMEOUT");
	});
});

describe("a real adbd", () => {
	it("takes 8 MiB with delayed acknowledgement, and gives the same digest back (trap 17)", async ({ skip }) => {
		const bench = await lab("auto");
		if (bench.transport !== "adbd") skip(bench.notice ?? "no real adbd here");
		const phone = await bench.add();
		const port = await open(phone.port);
		const content = Uint8Array.from({ length: 8 << 20 }, (_, index) => (index * 7) % 255);
		await port.push("/data/local/tmp/x", content);
		expect((await port.shell(["sha256sum", "/data/local/tmp/x"])).stdout.slice(0, 64)).toBe(sha256(content));
	});
});
