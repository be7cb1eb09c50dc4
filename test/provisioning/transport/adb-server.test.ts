import { afterEach, describe, expect, it } from "vitest";

import type { FaultError } from "../../../provisioning/handset/fault.ts";
import { openThroughServer } from "../../../provisioning/transport/adb-server.ts";
import { frame, prints, readStdin, ScriptedAdbServer, type Service } from "./scripted-adb-server.ts";

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const end of ended.splice(0)) await end();
});

/** Never answers, never closes. */
const silence: Service = () => {};

async function plugged(service: (name: string) => Service | undefined, features?: string) {
	const server = new ScriptedAdbServer();
	server.phone = { service, ...(features === undefined ? {} : { features }) };
	server.setDevices("R58N device transport_id:7");
	const serverPort = await server.listen();
	const port = await openThroughServer({ serial: "R58N", port: serverPort });
	ended.push(
		() => port.close(),
		() => server.stop(),
	);
	return { server, port, serverPort };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
	return work.then(
		() => "no fault",
		(error: FaultError) => error.fault?.code ?? String(error),
	);
}

describe("opening through an adb server", () => {
	it("takes one connection and leaves one open to hear of the unplug", async () => {
		const { server } = await plugged(() => prints(""));
		await expect.poll(() => [server.connections, server.open.size]).toEqual([2, 1]);
		expect(server.requests.slice(0, 2)).toEqual(["host:tport:serial:R58N", "host:features"]);
	});

	it("names a handset by its USB path, or by its transport id without asking for it", async () => {
		const server = new ScriptedAdbServer();
		server.phone = { service: () => prints("") };
		server.setDevices("R58N device usb:1-4.2 transport_id:7", "R58N device usb:1-4.3 transport_id:12");
		const port = await server.listen();
		const slot = await openThroughServer({ usbPath: "1-4.2", port });
		expect(slot).toMatchObject({ adbSerial: "usb:1-4.2", usbPath: "1-4.2" });
		const known = await openThroughServer({ transportId: "12", serial: "R58N", usbPath: "1-4.3", port });
		expect(known).toMatchObject({ adbSerial: "R58N", usbPath: "1-4.3" });
		expect(server.requests).toContain("host:tport:serial:usb:1-4.2");
		expect(server.requests).toContain("host:transport-id:12");
		await slot.close();
		await known.close();
		await server.stop();
	});

	it.each([
		["device 'R58N' not found", "NO_DEVICE"],
		["no device with transport id '7'", "NO_DEVICE"],
		["no devices/emulators found", "NO_DEVICE"],
		["more than one device/emulator", "AMBIGUOUS_DEVICE"],
		["device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set", "ADB_UNAUTHORIZED"],
		["device still authorizing", "ADB_UNAUTHORIZED"],
		["device offline", "ADB_OFFLINE"],
		["device still connecting", "ADB_OFFLINE"],
		["insufficient permissions for device: user in plugdev group; are your udev rules wrong?", "ADB_NO_PERMISSION"],
		["unknown host service", "UNCLASSIFIED"],
	])("tells FAIL %j as a fault", async (text, code) => {
		const { createServer } = await import("node:net");
		const refusing = createServer((socket) => {
			socket.once("data", () => socket.end(`FAIL${text.length.toString(16).padStart(4, "0")}${text}`));
		});
		await new Promise<void>((resolve) => refusing.listen(0, "127.0.0.1", resolve));
		const address = refusing.address();
		const port = typeof address === "object" && address ? address.port : 0;
		expect(await codeOf(openThroughServer({ serial: "R58N", port }))).toBe(code);
		refusing.close();
	});

	it("is NO_DEVICE where the server is there and cuts the connection: the phone has just left", async () => {
		const { createServer } = await import("node:net");
		const cutting = createServer((socket) => {
			socket.on("error", () => {});
			socket.once("data", (request) => {
				if (request.includes("devices-l")) socket.end("OKAY0000");
				else socket.write("OKAY", () => socket.resetAndDestroy());
			});
		});
		await new Promise<void>((resolve) => cutting.listen(0, "127.0.0.1", resolve));
		const address = cutting.address();
		const port = typeof address === "object" && address ? address.port : 0;
		expect(await codeOf(openThroughServer({ serial: "R58N", transportId: "7", port }))).toBe("NO_DEVICE");
		cutting.close();
	});

	it("is ADB_SERVER_GONE where nobody listens, and LINK_STALLED where nobody answers", async () => {
		const server = new ScriptedAdbServer();
		const port = await server.listen();
		server.silent = true;
		expect(await codeOf(openThroughServer({ serial: "X", port, deadlineMs: 50 }))).toBe("LINK_STALLED");
		await expect.poll(() => server.open.size).toBe(0);
		await server.stop();
		expect(await codeOf(openThroughServer({ serial: "X", port }))).toBe("ADB_SERVER_GONE");
	});

	it("refuses a phone without the shell protocol, which has no exit codes", async () => {
		const server = new ScriptedAdbServer();
		server.phone = { service: () => prints(""), features: "cmd" };
		const port = await server.listen();
		expect(await codeOf(openThroughServer({ serial: "X", port }))).toBe("ANDROID_TOO_OLD");
		await server.stop();
	});
});

describe("calls through an adb server", () => {
	it("keep standard output, standard error and exit code apart", async () => {
		const { port } = await plugged(() => prints("out\n", 42, "err\n"));
		expect(await port.shell(["x"])).toEqual({ stdout: "out\n", stderr: "err\n", exitCode: 42 });
	});

	it("quote every argument, so that nothing in one is run (trap 9)", async () => {
		const { port, server } = await plugged(() => prints(""));
		await port.shell(["echo", "$HOME", ";", "id", "it's", "a  b"]);
		expect(server.requests).toContain(String.raw`shell,v2,raw:'echo' '$HOME' ';' 'id' 'it'\''s' 'a  b'`);
	});

	it("put characters together that arrive in two frames", async () => {
		const euro = Buffer.from("€");
		const { port } = await plugged(() => (socket) => {
			socket.end(
				Buffer.concat([frame(1, euro.subarray(0, 1)), frame(2, "x"), frame(1, euro.subarray(1)), frame(3, Uint8Array.of(0))]),
			);
		});
		expect(await port.shell(["x"])).toEqual({ stdout: "€", stderr: "x", exitCode: 0 });
	});

	it("read frames that arrive byte by byte", async () => {
		const { port } = await plugged(() => (socket) => {
			const all = Buffer.concat([frame(1, "hello"), frame(2, "there"), frame(3, Uint8Array.of(3))]);
			let at = 0;
			const next = () => {
				if (at < all.length) socket.write(all.subarray(at, ++at), next);
			};
			next();
		});
		expect(await port.shell(["x"])).toEqual({ stdout: "hello", stderr: "there", exitCode: 3 });
	});

	it("read both streams at all times, however much stands in one (trap 16)", async () => {
		const much = "e".repeat(1 << 20);
		const { port } = await plugged(() => prints("o".repeat(1 << 20), 1, much));
		const { stdout, stderr, exitCode } = await port.shell(["x"]);
		expect([stdout.length, stderr.length, exitCode]).toEqual([1 << 20, 1 << 20, 1]);
	});

	it("end a phone that prints without end", async () => {
		const { port } = await plugged(() => (socket) => {
			const flood = frame(1, Buffer.alloc(1 << 20));
			const more = () => void (socket.destroyed || socket.write(flood, more));
			more();
		});
		expect(await codeOf(port.shell(["yes"]))).toBe("UNCLASSIFIED");
	});

	it("give standard input and its end", async () => {
		const input = Buffer.alloc(300_000, 5);
		const { port } = await plugged(() => async (socket, incoming) => {
			const got = await readStdin(incoming);
			socket.end(Buffer.concat([frame(1, String(got.equals(input))), frame(3, Uint8Array.of(0))]));
		});
		expect((await port.shell(["cat"], { stdin: input })).stdout).toBe("true");
		expect((await port.shell(["cat"])).stdout).toBe("false"); // ended at once, and not waited for
	});

	it("use shell v2 and sync only: exec has no exit code (trap 11)", async () => {
		const { port, server } = await plugged((name) => (name === "sync:" ? acceptFile : prints("Success\n")));
		await port.script("true");
		await port.shell(["true"]);
		await port.install(new Uint8Array(3), []);
		await port.push("/data/local/tmp/x", new Uint8Array(3));
		const services = server.requests.filter((request) => !request.startsWith("host"));
		expect(services.every((service) => service.startsWith("shell,v2,raw:") || service === "sync:")).toBe(true);
	});

	it("leave no socket and no memory behind (traps 6 and 7)", async () => {
		const { port, server } = await plugged(() => prints("x"));
		await expect.poll(() => server.connections).toBe(2);
		for (let call = 0; call < 200; call += 1) await port.shell(["x"]);
		expect(server.connections).toBe(202);
		await expect.poll(() => server.open.size).toBe(1);
	});

	it("run beside each other", async () => {
		const { port } = await plugged((name) => (socket) => {
			setTimeout(() => socket.end(Buffer.concat([frame(1, name), frame(3, Uint8Array.of(0))])), name === "'a'" ? 30 : 1);
		});
		const results = await Promise.all([port.shell(["a"]), port.shell(["b"])]);
		expect(results.map(({ stdout }) => stdout)).toEqual(["'a'", "'b'"]);
	});

	it("are ADB_FOYER where the phone has no shell for us, and the link stays", async () => {
		const { port } = await plugged((name) => (name.includes("dpm") ? undefined : prints("")));
		expect(await codeOf(port.shell(["dpm"]))).toBe("ADB_FOYER");
		expect(await codeOf(port.shell(["true"]))).toBe("no fault");
	});
});

describe("a handset that leaves or hangs", () => {
	it("ends a running call and every later one with USB_LOST, and gone resolves", async () => {
		const { port, server } = await plugged(() => silence);
		const running = codeOf(port.shell(["sleep", "30"]));
		await expect.poll(() => server.requests.some((request) => request.includes("sleep"))).toBe(true);
		server.unplug();
		expect(await running).toBe("USB_LOST");
		await port.gone;
		expect(await codeOf(port.shell(["true"]))).toBe("USB_LOST");
		expect(await codeOf(port.push("/x", new Uint8Array()))).toBe("USB_LOST");
		await expect.poll(() => server.open.size).toBe(0);
	});

	it("is USB_LOST, and not a phone without a shell, when it refuses one in the moment in which it leaves", async () => {
		const { port, server } = await plugged(() => {
			setImmediate(() => server.unplug());
			return undefined;
		});
		expect(await codeOf(port.shell(["true"]))).toBe("USB_LOST");
	});

	it("is noticed while no call is under way", async () => {
		const { port, server } = await plugged(() => prints(""));
		await port.shell(["true"]);
		server.unplug();
		await port.gone;
	});

	it.each(["end", "reset"] as const)("is ADB_SERVER_GONE when the server's connections end by %s (trap 2)", async (how) => {
		const { port, server } = await plugged(() => silence);
		const running = codeOf(port.shell(["sleep", "30"]));
		await expect.poll(() => server.requests.some((request) => request.includes("sleep"))).toBe(true);
		await server.stop(how);
		expect(await running).toBe("ADB_SERVER_GONE");
		await port.gone;
	});

	it("ends a call whose command was cut off before its exit code", async () => {
		const { port } = await plugged(() => (socket) => void socket.end(frame(1, "half")));
		expect(await codeOf(port.shell(["x"]))).toBe("USB_LOST");
	});

	it("ends a call at its deadline while it runs, frees the link, and leaves no socket", async () => {
		const { port, server } = await plugged(() => silence);
		expect(await codeOf(port.shell(["x"], { deadlineMs: 40 }))).toBe("LINK_STALLED");
		await port.gone;
		expect(await codeOf(port.shell(["x"]))).toBe("LINK_STALLED");
		await expect.poll(() => server.open.size).toBe(0);
	});

	it("ends a call at its deadline while its OPEN is unanswered (trap 3)", async () => {
		const { port, server } = await plugged(() => prints(""));
		server.silent = true;
		expect(await codeOf(port.shell(["x"], { deadlineMs: 40 }))).toBe("LINK_STALLED");
		await expect.poll(() => server.open.size).toBe(0);
	});

	it("ends one call by its signal, also while its OPEN is unanswered, and keeps the link (trap 4)", async () => {
		const { port, server } = await plugged((name) => (name.includes("sleep") ? silence : prints("ok")));
		const running = new AbortController();
		const call = codeOf(port.shell(["sleep", "30"], { signal: running.signal }));
		await expect.poll(() => server.requests.some((request) => request.includes("sleep"))).toBe(true);
		running.abort();
		expect(await call).toBe("CANCELLED");
		await expect.poll(() => server.open.size).toBe(1);

		server.silent = true;
		const opening = new AbortController();
		const unanswered = codeOf(port.shell(["x"], { signal: opening.signal }));
		opening.abort();
		expect(await unanswered).toBe("CANCELLED");
		server.silent = false;
		expect((await port.shell(["x"])).stdout).toBe("ok");
		expect(await codeOf(port.shell(["x"], { signal: AbortSignal.abort() }))).toBe("CANCELLED");
	});

	it("lets close be called in any state, twice", async () => {
		const { port, server } = await plugged(() => silence);
		const running = codeOf(port.shell(["x"]));
		await port.close();
		await port.close();
		expect(await running).toBe("USB_LOST");
		await port.gone;
		await expect.poll(() => server.open.size).toBe(0);
	});
});

/** Takes a file and answers OKAY. */
const acceptFile: Service = async (socket, incoming) => {
	await incoming.exactly((await incoming.exactly(8)).readUInt32LE(4));
	while (true) {
		const head = await incoming.exactly(8);
		if (head.toString("latin1", 0, 4) === "DONE") break;
		await incoming.exactly(head.readUInt32LE(4));
	}
	socket.write(Buffer.from("OKAY\0\0\0\0", "latin1"));
};

const refuseFile =
	(after: number, message: string): Service =>
	async (socket, incoming) => {
		await incoming.exactly(8 + after);
		const head = Buffer.alloc(8);
		head.write("FAIL", "latin1");
		head.writeUInt32LE(Buffer.byteLength(message), 4);
		socket.write(Buffer.concat([head, Buffer.from(message)]));
	};

describe("push through an adb server", () => {
	it("sends path, mode, content in frames of 64 KiB and its end", async () => {
		const content = Buffer.from(Array.from({ length: 150_000 }, (_, index) => index % 251));
		let seen: { path: string; sizes: number[]; same: boolean } | undefined;
		const { port } = await plugged(() => async (socket, incoming) => {
			const path = (await incoming.exactly((await incoming.exactly(8)).readUInt32LE(4))).toString();
			const parts: Buffer[] = [];
			while (true) {
				const head = await incoming.exactly(8);
				if (head.toString("latin1", 0, 4) === "DONE") break;
				parts.push(Buffer.from(await incoming.exactly(head.readUInt32LE(4))));
			}
			seen = { path, sizes: parts.map(({ length }) => length), same: Buffer.concat(parts).equals(content) };
			socket.write(Buffer.from("OKAY\0\0\0\0", "latin1"));
		});
		const sent: number[] = [];
		await port.push("/data/local/tmp/a,b", content, { mode: 0o600, onProgress: (bytes) => sent.push(bytes) });
		expect(seen).toEqual({ path: `/data/local/tmp/a,b,${0o100600}`, sizes: [65_536, 65_536, 18_928], same: true });
		expect(sent.at(-1)).toBe(content.length);
	});

	it("is PUSH_REFUSED with the phone's words, also in mid-stream, and the link stays", async () => {
		const { port } = await plugged((name) =>
			name === "sync:" ? refuseFile(100, "couldn't create file: Not a directory") : prints("ok"),
		);
		const error = await port.push("/x/y", new Uint8Array(8 << 20)).catch((caught: FaultError) => caught.fault);
		expect(error).toMatchObject({ code: "PUSH_REFUSED", raw: "couldn't create file: Not a directory" });
		expect((await port.shell(["x"])).stdout).toBe("ok");
	});

	it("is TRANSFER_STALLED at its deadline when the phone takes no more (trap 8)", async () => {
		const { port } = await plugged(() => (socket) => void socket.pause());
		expect(await codeOf(port.push("/x", new Uint8Array(32 << 20), { deadlineMs: 100 }))).toBe("TRANSFER_STALLED");
		await port.gone;
	});
});

describe("install through an adb server (trap 10)", () => {
	const apk = new Uint8Array(5 << 20);

	it("gives the verdict of a refusal in mid-stream, not the broken stream", async () => {
		const { port } = await plugged(() => async (socket, incoming) => {
			await incoming.exactly(1000);
			const verdict = Buffer.concat([frame(2, "Failure [INSTALL_FAILED_TEST_ONLY]\n"), frame(3, Uint8Array.of(1))]);
			socket.write(verdict, () => socket.destroy());
		});
		const result = await port.install(apk, ["-r"]);
		expect(result).toEqual({ stdout: "", stderr: "Failure [INSTALL_FAILED_TEST_ONLY]\n", exitCode: 1 });
	});

	it("streams every byte, tells the size, reports progress", async () => {
		const { port, server } = await plugged(() => async (socket, incoming) => {
			const got = await readStdin(incoming);
			socket.end(Buffer.concat([frame(1, `noise\nSuccess ${got.length}\n`), frame(3, Uint8Array.of(0))]));
		});
		const sent: number[] = [];
		const { stdout } = await port.install(apk, ["-r", "--user", "0"], { onProgress: (bytes) => sent.push(bytes) });
		expect(stdout).toBe(`noise\nSuccess ${apk.length}\n`);
		expect(sent.at(-1)).toBe(apk.length);
		expect(server.requests.at(-1)).toBe(`shell,v2,raw:'cmd' 'package' 'install' '-r' '--user' '0' '-S' '${apk.length}'`);
	});

	it("is TRANSFER_STALLED when nobody answers the phone's dialog", async () => {
		const { port } = await plugged(() => async (_, incoming) => {
			await readStdin(incoming);
		});
		expect(await codeOf(port.install(new Uint8Array(10), [], { deadlineMs: 60 }))).toBe("TRANSFER_STALLED");
	});
});
