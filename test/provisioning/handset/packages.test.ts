import { describe, expect, it } from "vitest";

import type { FaultError } from "../../../provisioning/handset/fault.ts";
import {
	AGENT_ADMIN,
	AGENT_PACKAGE,
	type AgentApk,
	type AgentPackage,
	checkAgentApk,
	installAgent,
	isInstalled,
	uninstallAgent,
} from "../../../provisioning/handset/packages.ts";
import { fakePort } from "./fake-port.ts";

const APK: AgentApk = {
	bytes: new Uint8Array(1000),
	sha256: "ab".repeat(32),
	component: AGENT_ADMIN,
	facts: {
		packageName: AGENT_PACKAGE,
		versionCode: 7,
		versionName: "0.7",
		minSdk: 30,
		targetSdk: 36,
		testOnly: false,
		debuggable: false,
		signerSha256: ["cd".repeat(32)],
		receivers: [{ name: `${AGENT_PACKAGE}.AdminReceiver`, permission: "android.permission.BIND_DEVICE_ADMIN" }],
		providers: [],
		permissions: [],
	},
};
const changed = (facts: Partial<AgentApk["facts"]>): AgentApk => ({ ...APK, facts: { ...APK.facts, ...facts } });
const ON_PHONE: AgentPackage = {
	packageName: AGENT_PACKAGE,
	versionCode: 7,
	versionName: "0.7",
	path: "/data/app/x/base.apk",
	apkSha256: APK.sha256,
	debuggable: false,
	testOnly: false,
	enabled: true,
};

describe("the agent's APK", () => {
	it("is taken as released, by any signer or by the one expected", () => {
		checkAgentApk(APK);
		checkAgentApk(APK, "cd".repeat(32));
	});

	it.each([
		["another package", changed({ packageName: "com.example" }), undefined, "APK_WRONG_PACKAGE"],
		["no device admin receiver", changed({ receivers: [] }), undefined, "APK_WRONG_PACKAGE"],
		["a receiver that anybody may call", changed({ receivers: [{ name: ".AdminReceiver" }] }), undefined, "APK_WRONG_PACKAGE"],
		["no signer", changed({ signerSha256: [] }), undefined, "APK_WRONG_SIGNER"],
		["another signer", APK, "ee".repeat(32), "APK_WRONG_SIGNER"],
		["a second signer", changed({ signerSha256: ["cd".repeat(32), "ee".repeat(32)] }), "cd".repeat(32), "APK_WRONG_SIGNER"],
		["a test build", changed({ testOnly: true }), undefined, "APK_TEST_ONLY"],
		["a debug build", changed({ debuggable: true }), undefined, "APK_DEBUGGABLE"],
	])("is refused before a phone is touched: %s", (_, apk, signer, code) => {
		expect(() => checkAgentApk(apk, signer)).toThrow(expect.objectContaining({ fault: expect.objectContaining({ code }) }));
	});
});

describe("whether it is installed", () => {
	it("is decided by the file's digest where the phone tells it", () => {
		expect(isInstalled(ON_PHONE, APK)).toBe(true);
		expect(isInstalled({ ...ON_PHONE, apkSha256: "00".repeat(32) }, APK)).toBe(false);
	});

	it("is decided by the version where it does not, and never by less", () => {
		const { apkSha256: _, ...rest } = ON_PHONE;
		const untold = { ...rest, apkSha256: undefined };
		expect(isInstalled(untold, APK)).toBe(true);
		expect(isInstalled({ ...untold, versionCode: 6 }, APK)).toBe(false);
		expect(isInstalled({ ...untold, versionCode: undefined }, APK)).toBe(false);
		expect(isInstalled({ ...untold, debuggable: true }, APK)).toBe(false);
	});

	it("is no for another package, a disabled one, none, and one that could not be read", () => {
		expect(isInstalled({ ...ON_PHONE, packageName: "x" }, APK)).toBe(false);
		expect(isInstalled({ ...ON_PHONE, enabled: false }, APK)).toBe(false);
		expect(isInstalled(undefined, APK)).toBe(false);
		expect(isInstalled({}, APK)).toBe(false);
	});
});

describe("installing", () => {
	const install = async (...verdicts: string[]) => {
		const waits: number[] = [];
		let tried = 0;
		const port = fakePort(() => {
			tried += 1;
			const stdout = verdicts[Math.min(tried, verdicts.length) - 1] ?? "";
			return { stdout, exitCode: stdout.includes("Success") ? 0 : 1 };
		});
		const end = await installAgent(port, APK, { pause: async (ms) => void waits.push(ms) }).then(
			() => "done",
			(error: FaultError) => error.fault.code,
		);
		return { end, tried, waits, installs: port.installs };
	};

	it("sends the very bytes it was given, uncopied", async () => {
		const { end, installs } = await install("Success\n");
		expect(end).toBe("done");
		expect(installs[0]).toBe(APK.bytes);
	});

	it("gives a missed dialog one more chance, and a phone that is starting three", async () => {
		const missed = "Failure [INSTALL_FAILED_USER_RESTRICTED: Install canceled by user]\n";
		expect(await install(missed, "Success\n")).toMatchObject({ end: "done", tried: 2 });
		expect(await install(missed)).toMatchObject({ end: "XIAOMI_INSTALL_BLOCKED", tried: 2 });
		expect(await install("cmd: Can't find service: package\n")).toMatchObject({ end: "HANDSET_BOOTING", tried: 4 });
	});

	it("does not repeat what cannot change", async () => {
		expect(await install("Failure [INSTALL_FAILED_VERSION_DOWNGRADE]\n")).toMatchObject({
			end: "INSTALL_DOWNGRADE",
			tried: 1,
			waits: [],
		});
	});
});

describe("uninstalling", () => {
	const uninstall = (said: string, path: string) =>
		uninstallAgent(
			fakePort((args) => {
				if (args[1] === "uninstall") return { stdout: said, exitCode: said.includes("Success") ? 0 : 1 };
				const mark = "0b7f3c1e-5a53-4d0c-9f3e-0a1b2c3d4e5f";
				return `sections ${mark}\n${mark} < pm_path\n${path}\n${mark} > ${path === "" ? 1 : 0}\n`;
			}),
		).then(
			() => "done",
			(error: FaultError) => error.fault.code,
		);

	it("is done when the package reads back as gone", async () => {
		expect(await uninstall("Success\n", "")).toBe("done");
		expect(await uninstall("Success\n", "package:/data/app/x/base.apk")).toBe("MIUI_REFUSED");
		expect(await uninstall("Failure [DELETE_FAILED_DEVICE_POLICY_MANAGER]\n", "package:/x")).toBe("DO_PROTECTED");
	});
});
