import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { AGENT_PACKAGE, agentApk, holdsExactly, installAgent, readAgentPackage } from "../../../provisioning/handset/packages.ts";
import type { HandsetPort } from "../../../provisioning/handset/port.ts";
import { openTcp } from "../../../provisioning/transport/tcp.ts";
import { type Lab, openLab } from "../../lab/lab.ts";
import { fakePort } from "./fake-port.ts";
import { agentManifest, makeApk, makeKey } from "./made-apk.ts";

const apk = agentApk(makeApk(agentManifest(), makeKey("p256")));

let folder = "";
let lab: Lab;
let port: HandsetPort;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-agent-package-"));
	lab = await openLab({ stateFolder: join(folder, "lab"), transport: "in-process" });
	const phone = await lab.add();
	port = await openTcp({ host: "127.0.0.1", port: phone.port, keyFolder: folder });
});
afterAll(async () => {
	await port.close();
	await lab.close();
	await rm(folder, { recursive: true, force: true });
});

describe("whether exactly these bytes are installed", () => {
	it("is no before, yes after an install, and no for other bytes or a disabled package", async () => {
		const holds = (sha256 = apk.sha256) => holdsExactly(port, AGENT_PACKAGE, sha256);
		expect(await holds()).toBe(false);
		await installAgent(port, apk, { pause: async () => {} });
		expect(await holds()).toBe(true);
		expect(await readAgentPackage(port)).toMatchObject({ apkSha256: apk.sha256, enabled: true });
		expect(await holds("00".repeat(32))).toBe(false);
		await port.shell(["pm", "disable-user", AGENT_PACKAGE]);
		expect(await holds()).toBe(false);
		await port.shell(["pm", "enable", AGENT_PACKAGE]);
		expect(await holds()).toBe(true);
	});

	it.each([
		[
			"a longer name beside it",
			`package:/data/app/a/base.apk=${AGENT_PACKAGE}.test\npackage:/data/app/b/base.apk=${AGENT_PACKAGE}\n`,
		],
		["a longer name alone", `package:/data/app/a/base.apk=${AGENT_PACKAGE}.test\n`],
		["a refusal", "Error: Could not access the Package Manager. Is the system running?\n"],
		["nothing", ""],
	])("is no when the phone tells %s, whatever a file's digest is", async (_, listed) => {
		const teller = fakePort(([name]) => (name === "listed" ? listed : `${apk.sha256}  x\n`), "sections");
		expect(await holdsExactly(teller, AGENT_PACKAGE, apk.sha256)).toBe(false);
	});
});
