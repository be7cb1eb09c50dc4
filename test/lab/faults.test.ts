import { describe, expect, test } from "vitest";

import { encode } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import { FAULT_CODES } from "../../provisioning/handset/fault-codes.ts";
import { withQuirk } from "./agent-quirks.ts";
import { factoryState } from "./factory-state.ts";
import { FAULTS, readFault, withFault } from "./faults.ts";
import { controlsOf } from "./handset-agent.ts";
import { DEFAULT_PROFILE, PROFILES, profileNamed } from "./profiles.ts";
import { say, stdinOf, testPhone } from "./test-phone.ts";

/** Everything that a station asks of a phone, and what becomes of it, written down. */
async function conversation(faults: readonly string[]): Promise<string> {
	const written: string[] = [];
	const needed = faults.some((fault) => fault === "foyer") ? "hyperos3-a16-global" : DEFAULT_PROFILE;
	const plain = testPhone({ profile: needed, faults });
	const owned = testPhone({
		profile: needed,
		agent: "installed",
		faults: faults.filter((fault) => !/^install-(wrong|down)/.test(fault)),
	});
	for (const phone of [plain, owned]) {
		phone.watcher = {
			onPhysical: (what) => written.push(`the phone: ${what}`),
			onPackage: () => {},
			onDebugging: (open) => written.push(`debugging ${open ? "opens" : "closes"}`),
		};
		phone.cable = withQuirk(
			async () => encode(wire.CableReply, { bindingAccepted: { receiptEnvelope: RECEIPT } }),
			() => phone.state.quirks.agent,
		);
		if (phone.state.quirks.agent === "absent") phone.cable = undefined;
		const ask = async (line: string) => written.push(`${line}: ${JSON.stringify(await say(phone, line, SOME_BYTES))}`);
		for (const line of READING) await ask(line);
		await ask("dpm set-device-owner dev.holdfast.agent/.AdminReceiver");
		phone.afterCommand("cmd package install -r -S 100");
		phone.beforeCommand("content call --uri x");
		await ask("getprop ro.serialno");
		await ask("getprop persist.security.adbinput");
		if (phone === plain) continue;
		await ask(BIND);
		const controls = controlsOf(phone);
		written.push(`imeis ${controls.imeis()}`);
		written.push(`not held: ${controls.apply(["factoryReset", "debugging"], [])}; ${controls.apply([], [])}`);
		await ask(BIND);
		phone.boot();
		if (phone.state.quirks.agent === "absent") phone.cable = undefined;
		await ask(BIND);
		written.push(`owner given back: ${controls.returnOwnership()}`);
		await ask("pm uninstall dev.holdfast.agent");
	}
	written.push(`link: ${plain.state.quirks.link}, ${plain.state.quirks.installStallsAtByte}`);
	return written.join("\n").replace(/~~[\w-]+==/g, "~~");
}

const SOME_BYTES = stdinOf(new Uint8Array(100));
const RECEIPT = encode(wire.Envelope, {
	payload: Uint8Array.of(1),
	payloadType: "x",
	signatures: [{ keyid: "k", sig: new Uint8Array(64).fill(3) }],
});
const BIND = `content call --uri content://dev.holdfast.agent.cable --method deliver --arg ${Buffer.from(encode(wire.CableRequest, { bind: {} })).toString("base64")}`;
const READING = [
	"getprop",
	"pm list users",
	"pm list features",
	"dumpsys account",
	"dumpsys battery",
	"dumpsys package dev.holdfast.agent",
	"settings get secure find_device_enabled",
	"df -k /data",
	"service call iphonesubinfo 4 i32 0 s16 com.android.shell",
	"dpm list-owners",
	"dpm set-active-admin --user 0 dev.holdfast.probe/.Nobody",
];

describe("the faults", () => {
	test("have names of their own, codes of the catalogue and a sentence each", () => {
		expect(new Set(FAULTS.map(({ id }) => id)).size).toBe(FAULTS.length);
		expect(FAULTS.length).toBeGreaterThanOrEqual(40);
		for (const { code, summary, alsoSeen = [] } of FAULTS) {
			expect(FAULT_CODES).toContain(code);
			expect(summary).not.toBe("");
			expect(alsoSeen).not.toContain(code);
		}
	});

	test.each(FAULTS.filter(({ id }) => id !== "transfer-stalls" && id !== "slow-usb").map(({ id }) => id))(
		"%s changes what a station sees",
		async (id) => {
			const profile = id === "foyer" ? "hyperos3-a16-global" : DEFAULT_PROFILE;
			const fast = id === "install-dialog-ignored" ? `${id}:afterMs=1` : id;
			const healthy = await conversation([]);
			const faulty = await conversation([fast]);
			const installs = await say(testPhone({ profile, faults: [fast] }), "cmd package install -S 100", SOME_BYTES);
			const healthyInstall = await say(testPhone({ profile }), "cmd package install -S 100", SOME_BYTES);
			expect(faulty + JSON.stringify(installs)).not.toBe(healthy + JSON.stringify(healthyInstall));
		},
	);

	test("slow-usb takes its time with what is sent", async () => {
		const asked: (number | undefined)[] = [];
		const all = async (rate?: number) => {
			asked.push(rate);
			return new Uint8Array(3);
		};
		const stdin = { ...SOME_BYTES, all };
		expect((await say(testPhone({ faults: ["slow-usb:bytesPerSecond=1000"] }), "wc -c", stdin)).stdout).toBe("3\n");
		expect(asked).toEqual([1000]);
	});

	test("two healthy phones say the same", async () => {
		expect(await conversation([])).toBe(await conversation([]));
	});

	test("take parameters, and refuse those they do not have", () => {
		expect(readFault("battery-low:level=3").parameters).toEqual({ level: 3 });
		expect(() => readFault("battery-low:volume=3")).toThrow(/has no parameter "volume": it has level/);
		expect(() => readFault("battery-low:level=low")).toThrow(/level is a number/);
		expect(() => readFault("flat-tyre")).toThrow(/no fault "flat-tyre"/);
	});

	test("are refused where they cannot happen", () => {
		const old = factoryState(profileNamed("miui13-a11-in"), { serial: "VH000001", imeis: [] }, { atMs: 0, id: "b" });
		expect(() => withFault(old, "foyer")).toThrow(/needs Android API 36/);
	});

	test("an owner fault with a time limit passes", async () => {
		const phone = testPhone({
			agent: "installed",
			faults: ["owner-admin-removing:clearsAfterMs=30"],
			profile: "miui13-a12-global",
		});
		const set = () => say(phone, "dpm set-device-owner dev.holdfast.agent/.AdminReceiver");
		expect((await set()).exitCode).toBe(255);
		await expect.poll(async () => (await set()).exitCode, { interval: 5 }).toBe(0);
	});

	test("a stale account cache is cured by a restart, a maker's rule is not", async () => {
		const set = "dpm set-device-owner dev.holdfast.agent/.AdminReceiver";
		for (const [fault, code] of [
			["owner-accounts-cached", 0],
			["owner-oem-rule", 255],
		] as const) {
			const phone = testPhone({ agent: "installed", faults: [fault] });
			expect((await say(phone, set)).exitCode).toBe(255);
			phone.boot();
			expect((await say(phone, set)).exitCode).toBe(code);
		}
	});

	test("an event happens once, at its command", async () => {
		const phone = testPhone({ faults: ["unplug:atCommand=2"] });
		const seen: string[] = [];
		phone.watcher = { onPhysical: (what) => seen.push(what), onPackage: () => {}, onDebugging: () => {} };
		expect((await say(phone, "id")).exitCode).toBe(0);
		expect((await say(phone, "id")).stderr).toBe("the link died");
		expect((await say(phone, "id")).exitCode).toBe(0);
		expect(seen).toEqual(["unplug"]);
	});
});

describe("the profiles", () => {
	test("cover Android 11 to 16, MIUI 13 to HyperOS 3, five regions, one SIM and two", () => {
		expect(new Set(PROFILES.map(({ sdk }) => sdk))).toEqual(new Set([30, 31, 32, 33, 34, 35, 36]));
		expect(new Set(PROFILES.map(({ system }) => system))).toEqual(
			new Set(["MIUI 13", "MIUI 14", "HyperOS 1", "HyperOS 2", "HyperOS 3"]),
		);
		expect(new Set(PROFILES.map(({ region }) => region))).toEqual(new Set(["Global", "IN", "ID", "EEA", "CN"]));
		expect(new Set(PROFILES.map(({ sims }) => sims))).toEqual(new Set([1, 2]));
		expect(new Set(PROFILES.map(({ tac }) => tac)).size).toBe(PROFILES.length);
	});

	test.each(PROFILES.map((profile) => [profile.id, profile] as const))(
		"%s says the same of itself everywhere",
		(_id, profile) => {
			const { props } = factoryState(profile, { serial: "VH000001", imeis: [] }, { atMs: 0, id: "b" });
			// xiaomi builds: letter of the Android version, two of the device, two of the region, two of the channel.
			const [, letter, region] = /\.([A-Z])[A-Z]{2}([A-Z]{2})XM$/.exec(profile.incremental) ?? [];
			expect({ R: "11", S: "12", T: "13", U: "14", V: "15", W: "16" }[letter ?? ""]).toBe(profile.android);
			expect({ MI: "Global", EU: "EEA", IN: "IN", ID: "ID", CN: "CN" }[region ?? ""]).toBe(profile.region);
			expect(props["ro.build.fingerprint"]).toContain(`:${profile.android}/${profile.buildId}/${profile.incremental}:`);
			expect(props["ro.mi.os.version.name"] !== undefined).toBe(profile.system.startsWith("HyperOS"));
		},
	);
});
