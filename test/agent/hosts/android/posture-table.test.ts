import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { COLUMNS, CONTROLS, cellOf } from "../../../../agent/policy/posture.ts";

const HOST = "agent/hosts/android";
const POSTURE = `${HOST}/java/dev/holdfast/agent/posture`;
const table = readFileSync(`${POSTURE}/Controls.java`, "utf8");
const page = readFileSync(`${HOST}/POSTURE.md`, "utf8");

const rows = [...table.matchAll(/Control\.(of|never)\(\s*"(\w+)"/g)].map(([, kind = "", name = ""]) => ({ kind, name }));
const neverRestricted = CONTROLS.filter((control) => COLUMNS.every((column) => cellOf(control, column).value === "open"));

describe("Android's table of controls", () => {
	it("has each control of the policy once, and no other", () => {
		expect(rows.map(({ name }) => name).sort()).toEqual([...CONTROLS].sort());
	});

	it("can restrict exactly what some column restricts (F1, F2)", () => {
		const never = rows.filter(({ kind }) => kind === "never").map(({ name }) => name);
		expect(never.sort()).toEqual([...neverRestricted].sort());
	});

	it("restricts debugging last", () => {
		expect(rows.at(-1)?.name).toBe("debugging");
	});

	it("spells the names that it uses elsewhere as the policy does", () => {
		const constants = [...table.matchAll(/static final String \w+ = "(\w+)"/g)].map(([, name]) => name);
		expect(constants.length).toBeGreaterThan(0);
		for (const name of constants) expect(CONTROLS).toContain(name);
	});

	it("is described row by row in POSTURE.md", () => {
		const described = [...page.matchAll(/^\| `(\w+)` \| (.*)$/gm)].filter(([, name = ""]) =>
			rows.some((row) => row.name === name),
		);
		expect(described.map(([, name]) => name).sort()).toEqual([...CONTROLS].sort());
	});

	it("calls no restriction that POSTURE.md does not name", () => {
		const restrictions = [...table.matchAll(/restriction\("(\w+)"\)/g)].map(([, key]) => key);
		expect(restrictions.length).toBeGreaterThan(15);
		for (const key of restrictions) expect(page).toContain(`\`${key}\``);
	});
});

describe("what the agent may see (API 30)", () => {
	const essential = readFileSync(`${POSTURE}/EssentialApps.java`, "utf8");
	const asked = [...essential.matchAll(/"((?:com|android)\.[\w.]+)"/g)]
		.map(([, name = ""]) => name)
		.filter((name) => name !== "android");

	it("is in the queries of POSTURE.md, for each package and intent that is looked for", () => {
		expect(asked.length).toBeGreaterThan(15);
		for (const name of asked) expect(page).toContain(`android:name="${name}"/>`);
	});
});

describe("the platform's calls", () => {
	const gateway = ["AndroidPolicyGateway", "AndroidHandset"]
		.map((name) => readFileSync(`${POSTURE}/${name}.java`, "utf8"))
		.join("\n");

	it("are made in two files and nowhere else", () => {
		const owners = [...gateway.matchAll(/policy\.(\w+)\(/g)].map(([, call]) => call);
		expect(owners).toContain("setPackagesSuspended");
		expect(table).not.toContain("DevicePolicyManager");
	});

	it.each([
		"wipeData",
		"wipeDevice",
		"setKeyguardDisabled",
		"setSystemUpdatePolicy",
		"setSecurityLoggingEnabled",
		"setNetworkLoggingEnabled",
		"setUsbDataSignalingEnabled",
		"setAutoTimeEnabled",
		"setTime",
		"ACCESS_FINE_LOCATION",
		"RECORD_AUDIO",
		"permission.CAMERA",
	])("never: %s", (call) => {
		expect(gateway).not.toContain(call);
	});

	it("grant one permission and no other", () => {
		expect([...gateway.matchAll(/Manifest\.permission\.(\w+)/g)].map(([, name]) => name)).toEqual([
			"READ_PHONE_STATE",
			"READ_PHONE_STATE",
		]);
	});
});
