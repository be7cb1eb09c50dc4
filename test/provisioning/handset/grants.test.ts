import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { FaultError } from "../../../provisioning/handset/fault.ts";
import { applyGrants, grantsHold } from "../../../provisioning/handset/grants.ts";
import type { HandsetPort } from "../../../provisioning/handset/port.ts";
import { openTcp } from "../../../provisioning/transport/tcp.ts";
import { type Lab, openLab } from "../../lab/lab.ts";
import { fakePort } from "./fake-port.ts";

/** An app that every phone has: grants care little whose they are. */
const APP = "com.miui.home";
const XIAOMI = { build: { system: "HyperOS 2" } };
const OTHER = { build: { system: undefined } };

let folder = "";
let lab: Lab;
let port: HandsetPort;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-grants-"));
	lab = await openLab({ stateFolder: join(folder, "lab"), transport: "in-process" });
	const phone = await lab.add();
	port = await openTcp({ host: "127.0.0.1", port: phone.port, keyFolder: folder });
});
afterAll(async () => {
	await port.close();
	await lab.close();
	await rm(folder, { recursive: true, force: true });
});

describe("grants", () => {
	it("hold after they were applied, and each one counts", async () => {
		expect(await grantsHold(port, APP, XIAOMI)).toBe(false);
		await applyGrants(port, APP, XIAOMI);
		expect(await grantsHold(port, APP, XIAOMI)).toBe(true);
		for (const [lose, gain] of [
			[
				["cmd", "appops", "set", APP, "10008", "ignore"],
				["cmd", "appops", "set", APP, "10008", "allow"],
			],
			[
				["cmd", "deviceidle", "whitelist", `-${APP}`],
				["cmd", "deviceidle", "whitelist", `+${APP}`],
			],
			[
				["am", "set-standby-bucket", APP, "rare"],
				["am", "set-standby-bucket", APP, "active"],
			],
		] as const) {
			await port.shell(lose);
			expect(await grantsHold(port, APP, XIAOMI), lose.join(" ")).toBe(false);
			await port.shell(gain);
		}
		expect(await grantsHold(port, APP, XIAOMI)).toBe(true);
	});

	it("are fewer on a phone of another maker, which does not know Xiaomi's", async () => {
		await port.shell(["cmd", "appops", "reset", APP]);
		await applyGrants(port, APP, OTHER);
		expect(await grantsHold(port, APP, OTHER)).toBe(true);
		expect(await grantsHold(port, APP, XIAOMI)).toBe(false);
	});

	it("are found on the power list also by a phone that does not say so at once", async () => {
		const withoutEquals: HandsetPort = {
			...port,
			script: (text, options) => port.script(text.replace(` =${APP} `, " "), options),
		};
		await port.shell(["cmd", "deviceidle", "whitelist", `-${APP}`]);
		await applyGrants(withoutEquals, APP, OTHER);
		const never: HandsetPort = {
			...port,
			script: (text, options) => port.script(text.replace(`+${APP} `, `-${APP} `), options),
		};
		expect(await applyGrants(never, APP, OTHER).catch((error: FaultError) => error.fault)).toMatchObject({
			code: "MIUI_REFUSED",
			details: { "does not hold": "power list" },
		});
	});

	it("that the phone refuses are named, with who can put it right", async () => {
		const end = applyGrants(port, "dev.holdfast.agent", XIAOMI).catch((error: FaultError) => error.fault);
		expect(await end).toMatchObject({
			code: "MIUI_REFUSED",
			details: { "does not hold": expect.stringContaining("app-op 10008") },
		});
	});

	it("never stand in a script as anything but a package name", async () => {
		const untouched = fakePort(() => "");
		await expect(applyGrants(untouched, "a; reboot", XIAOMI)).rejects.toThrow(/not a package name/);
		await expect(grantsHold(untouched, "$(id)", XIAOMI)).rejects.toThrow(/not a package name/);
		expect(untouched.calls).toEqual([]);
	});
});
