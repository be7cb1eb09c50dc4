import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { openAgentHost } from "../../../agent/hosts/node/agent-host.ts";
import { encode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import { TestLender } from "../test-lender.ts";
import { hostOptions, TestClock, TestHandset } from "./simulated-handset.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "agent-essential-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("what the platform calls essential stays open, and a new dialler is known at the next look (F1, F2)", async () => {
	const lender = await TestLender.create();
	const handset = new TestHandset();
	let dialler = "com.example.dialer";
	const opened: string[][] = [];
	const apply = handset.apply.bind(handset);
	const { options } = hostOptions(lender, new TestClock(), handset, folder);
	const agent = await openAgentHost({
		...options,
		handset: {
			isDeviceOwner: () => handset.owner,
			imeis: () => handset.imeis(),
			serial: () => handset.serial(),
			readings: () => ({
				essentialPackages: [{ role: wire.EssentialRole.ESSENTIAL_ROLE_DIALER, packageName: dialler }],
			}),
			apply: (restricted, openPackages) => {
				opened.push([...openPackages]);
				return apply(restricted);
			},
			returnOwnership: () => handset.returnOwnership(),
		},
	});
	await agent.cable(encode(wire.CableRequest, { bind: await lender.bind() }));
	expect(opened.at(-1)).toEqual(["com.example.dialer", "example.lender.pay"]);
	dialler = "com.example.otherdialer";
	await agent.wake();
	expect(opened.at(-1)).toEqual(["com.example.otherdialer", "example.lender.pay"]);
	expect(JSON.parse(readFileSync(join(folder, "restrictions.json"), "utf8")).openPackages).toEqual(opened.at(-1));
	await agent.close();
});
