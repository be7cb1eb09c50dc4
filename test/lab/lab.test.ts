import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, describe, expect, onTestFinished, test } from "vitest";

import { encode } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import type { HandsetPort } from "../../provisioning/handset/port.ts";
import { openTcp } from "../../provisioning/transport/tcp.ts";
import { type Lab, type LabHandset, type LabOptions, openLab } from "./lab.ts";
import { PROFILES } from "./profiles.ts";
import { prepareRealAdbd } from "./real-adbd/prepare.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const apkPath = join(root, "agent/hosts/android/build/holdfast-agent.apk");
const folder = mkdtempSync(join(tmpdir(), "lab-test-"));
const prepared = await prepareRealAdbd();
if (!prepared.ok) process.stderr.write(`real adbd: skipped, ${prepared.reason}\n`);
const hasApk = existsSync(apkPath);
if (!hasApk) process.stderr.write("agent on a virtual handset: skipped, scripts/build-apk did not run\n");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

let folders = 0;
async function withLab(options: Partial<LabOptions>, use: (lab: Lab) => Promise<void>): Promise<void> {
	folders += 1;
	const lab = await openLab({ stateFolder: join(folder, `state-${folders}`), bootMs: 10, ...options });
	try {
		await use(lab);
	} finally {
		await lab.close();
	}
}

function open({ host, port }: LabHandset): Promise<HandsetPort> {
	return openTcp({ host, port, keyFolder: join(folder, "key") });
}

async function sh(handset: LabHandset, script: string): Promise<string> {
	const port = await open(handset);
	try {
		const { stdout, stderr } = await port.script(script);
		return stdout + stderr;
	} finally {
		await port.close();
	}
}

const TRANSPORTS = [
	{ transport: "in-process", skip: false },
	{ transport: "adbd", skip: !prepared.ok },
] as const;

/** A process that ended and that nobody has asked about yet (state Z) does not run. */
function isRunning(pid: string): boolean {
	return existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
}

describe.each(TRANSPORTS)("a lab over $transport", ({ transport, skip }) => {
	const it = test.skipIf(skip);

	it("boots every profile, each telling its own serial, model and IMEI", async () => {
		await withLab({ transport }, async (lab) => {
			expect(lab.transport).toBe(transport);
			await Promise.all(PROFILES.map(({ id }) => lab.add({ profile: id })));
			for (const handset of lab.handsets) {
				const { model } = PROFILES.find(({ id }) => id === handset.profile) ?? {};
				expect(await sh(handset, "getprop ro.serialno; getprop ro.product.model; id -u; whoami")).toContain(
					`${handset.serial}\n${model}\nuid=2000(shell)`,
				);
				expect(handset.imeis[0]).toMatch(/^\d{15}$/);
			}
			expect(new Set(lab.handsets.flatMap(({ imeis }) => imeis)).size).toBe(lab.handsets.flatMap(({ imeis }) => imeis).length);
		});
	});

	it("keeps each handset's files to itself", async () => {
		await withLab({ transport }, async (lab) => {
			const [one, two] = [await lab.add(), await lab.add()];
			const port = await open(one);
			await port.push("/data/local/tmp/mine", new TextEncoder().encode("one"));
			await port.close();
			expect(await sh(one, "cat /data/local/tmp/mine")).toBe("one");
			expect(await sh(two, "ls /data/local/tmp")).toBe("");
		});
	});

	it("remembers over a restart of the phone and of the lab", async () => {
		const stateFolder = join(folder, `kept-${transport}`);
		await withLab({ transport, stateFolder }, async (lab) => {
			const handset = await lab.add({ profile: "miui14-a13-eea", faults: ["guest-user"] });
			const bootIdBefore = await sh(handset, "cat /proc/sys/kernel/random/boot_id");
			expect(await sh(handset, "settings put global mark 7; pm remove-user 11; settings get global boot_count")).toBe(
				"Success: removed user\n1\n",
			);
			await handset.reboot();
			expect(await sh(handset, "settings get global mark; settings get global boot_count; pm list users")).toBe(
				"7\n2\nUsers:\n\tUserInfo{0:Owner:c13} running\n",
			);
			expect(await sh(handset, "cat /proc/sys/kernel/random/boot_id")).not.toBe(bootIdBefore);
		});
		await withLab({ transport, stateFolder }, async (lab) => {
			expect(lab.knownSerials).toEqual(["VH000001"]);
			const handset = await lab.add({ serial: "VH000001" });
			expect(handset.profile).toBe("miui14-a13-eea");
			expect(await sh(handset, "settings get global mark; getprop ro.build.version.sdk")).toBe("7\n33\n");
		});
	});

	it("unplugs, freezes, thaws and plugs in again on the same port", async () => {
		await withLab({ transport }, async (lab) => {
			const handset = await lab.add();
			const port = await open(handset);
			await handset.unplug();
			await port.gone;
			await expect(open(handset)).rejects.toMatchObject({ fault: { code: "NO_DEVICE" } });
			await handset.plug();
			const again = await open(handset);
			handset.freeze();
			await expect(again.shell(["true"], { deadlineMs: 100 })).rejects.toMatchObject({ fault: { code: "LINK_STALLED" } });
			handset.thaw();
			expect(await sh(handset, "echo back")).toBe("back\n");
		});
	});

	it("pulls the cable by itself where a fault says so", async () => {
		await withLab({ transport }, async (lab) => {
			const handset = await lab.add({ faults: ["unplug:atCommand=2"] });
			const port = await open(handset);
			expect((await port.shell(["getprop", "ro.serialno"])).exitCode).toBe(0);
			await expect(port.shell(["getprop", "ro.serialno"])).rejects.toMatchObject({ fault: { code: "USB_LOST" } });
			await handset.replug();
			expect(await sh(handset, "getprop ro.serialno")).toBe("VH000001\n");
		});
	});

	it("restarts by itself when told over the cable", async () => {
		await withLab({ transport }, async (lab) => {
			const handset = await lab.add();
			const port = await open(handset);
			await port.shell(["reboot"]).catch(() => {}); // the answer may be lost with the link
			await port.gone;
			await expect.poll(() => handset.state.bootCount).toBe(2);
			await expect.poll(() => sh(handset, "settings get global boot_count").catch(() => "")).toBe("2\n");
		});
	});

	test.skipIf(skip || !hasApk)("runs the agent behind the cable once it is installed, and not after it was removed", async () => {
		await withLab({ transport }, async (lab) => {
			const handset = await lab.add();
			const port = await open(handset);
			const hello = Buffer.from(encode(wire.CableRequest, { hello: { challenge: new Uint8Array(16) } })).toString("base64");
			const call = `content call --uri content://dev.holdfast.agent.cable --method deliver --arg ${hello}`;
			expect((await port.script(call)).stderr).toContain("Could not find provider: dev.holdfast.agent.cable");
			const installed = await port.install(new Uint8Array(readFileSync(apkPath)), ["-r"]);
			expect(installed.stdout).toMatch(/^Success$/m);
			expect((await port.script(call)).stdout).toMatch(/^Result: Bundle\[\{reply=[A-Za-z0-9+/]+=*\}\]\n$/);
			expect(handset.agent).toBeDefined();
			await handset.reboot();
			expect(await sh(handset, call)).toMatch(/^Result: Bundle/);
			expect(await sh(handset, "pm uninstall dev.holdfast.agent")).toBe("Success\n");
			await expect.poll(() => handset.agent).toBeUndefined();
			expect(await sh(handset, call)).toContain("Could not find provider");
		});
	});

	it("closes everything it opened", async () => {
		let pids: (number | undefined)[] = [];
		let ports: LabHandset[] = [];
		await withLab({ transport }, async (lab) => {
			ports = [await lab.add(), await lab.add()];
			pids = ports.map(({ pid }) => pid);
		});
		for (const pid of pids) if (pid !== undefined) expect(existsSync(`/proc/${pid}`)).toBe(false);
		for (const handset of ports) await expect(open(handset)).rejects.toMatchObject({ fault: { code: "NO_DEVICE" } });
	});
});

describe("the dialog of the in-process phone", () => {
	test("stands until somebody taps", async () => {
		await withLab({ transport: "in-process" }, async (lab) => {
			const handset = await lab.add({ faults: ["key-ignored"] });
			const { host, port } = handset;
			const opening = openTcp({ host, port, keyFolder: join(folder, "k2"), onAuthorizationNeeded: () => handset.tapAllow() });
			const opened = await opening;
			expect((await opened.shell(["true"])).exitCode).toBe(0);
			await opened.close();
		});
	});
});

describe("a lab", () => {
	test("refuses what does not exist, naming what does", async () => {
		await withLab({ transport: "in-process" }, async (lab) => {
			await expect(lab.add({ profile: "nokia" })).rejects.toThrow(/no profile "nokia": there are miui13-a11-in, /);
			await expect(lab.add({ faults: ["flat-tyre"] })).rejects.toThrow(/no fault "flat-tyre"/);
			await expect(lab.add({ serial: "../x" })).rejects.toThrow(/no serial number/);
			await lab.add({ serial: "TWIN0001" });
			await expect(lab.add({ serial: "TWIN0001" })).rejects.toThrow(/is here already/);
		});
	});

	test("moves virtual time for every handset at once, and keeps its pace", async () => {
		await withLab({ transport: "in-process" }, async (lab) => {
			const before = lab.clock.nowMs();
			const rung = new Promise<number>((resolve) => lab.clock.callAt(before + 86_400_000, () => resolve(lab.clock.nowMs())));
			lab.clock.setRate(10);
			lab.clock.advance(86_400_000);
			expect(await rung).toBeGreaterThanOrEqual(before + 86_400_000);
			expect(JSON.parse(readFileSync(lab.clock.path, "utf8")).rate).toBe(10);
		});
	});
});

describe.skipIf(!prepared.ok)("a real adbd", () => {
	test("listens on loopback only", () => {
		expect(prepared.ok && prepared.loopbackOnly).toBe(true);
	});

	test("cannot write to the machine it runs on", async () => {
		await withLab({ transport: "adbd" }, async (lab) => {
			const handset = await lab.add();
			expect(await sh(handset, "touch /usr/x /system/bin/x /adbd/x")).toMatch(/(Read-only file system[\s\S]*){3}/);
			expect(await sh(handset, `ls ${root}`)).toContain("No such file or directory");
		});
	});

	test("leaves nothing behind when the lab is killed", async () => {
		const state = join(folder, "killed");
		const up = spawn(process.execPath, ["--import", "tsx", "test/lab/main.ts", "up", "2", "--no-adb-server", "--state", state], {
			cwd: root,
			stdio: ["ignore", "pipe", "inherit"],
		});
		onTestFinished(() => void up.kill("SIGKILL"));
		const lines = createInterface(up.stdout);
		for await (const line of lines) if (line.startsWith("Ctrl-C")) break;
		const { stdout } = await promisify(execFile)("pgrep", ["-P", String(up.pid), "-x", "unshare"]);
		const children = stdout.split("\n").filter(Boolean);
		expect(children.length).toBe(2);
		up.kill("SIGKILL");
		for (const pid of children) await expect.poll(() => isRunning(pid)).toBe(false);
		expect(readdirSync(state)).toContain("VH000002");
	});
});
