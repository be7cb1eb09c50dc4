import { describe, expect, it } from "vitest";

import { PREFLIGHT_NAMES, type PreflightPlace, runPreflight } from "../../../../provisioning/web/desk/preflight.ts";
import { asUsb, FakeUsb } from "../../../lab/web-usb/fake-usb.ts";

const NOW = Date.parse("2026-06-01T12:00:00Z");

/** A computer where everything is right. */
const place = (changes: Partial<PreflightPlace> = {}): PreflightPlace => ({
	isSecure: true,
	usb: asUsb(new FakeUsb()),
	isUsbAllowed: () => true,
	storageBytes: async () => 1e9,
	tryStorage: async () => {},
	fetch: async () => new Response("{}", { headers: { date: new Date(NOW).toUTCString() } }),
	nowMs: () => NOW,
	askForAgent: async () => {},
	isPrepared: async () => false,
	...changes,
});

const badOf = async (changes: Partial<PreflightPlace>) =>
	(await runPreflight(place(changes))).filter(({ isGood }) => !isGood).map(({ name }) => name);

const never = () => Promise.reject(new Error("no"));

describe("what must be right before a phone is plugged in", () => {
	it("is all looked at, in one order", async () => {
		expect((await runPreflight(place())).map(({ name }) => name)).toEqual([...PREFLIGHT_NAMES]);
		expect(await badOf({})).toEqual([]);
	});

	it.each<[string, Partial<PreflightPlace>, readonly string[]]>([
		["an address without https", { isSecure: false }, ["secure"]],
		["a browser without WebUSB", { usb: undefined }, ["browser", "policy"]],
		["a page that may not", { isUsbAllowed: () => false }, ["policy"]],
		["an administrator's no", { usb: asUsb(Object.assign(new FakeUsb(), { getDevices: never })) }, ["policy"]],
		["a browser that keeps nothing", { tryStorage: never }, ["storage"]],
		["a full disk", { storageBytes: async () => 1000 }, ["storage"]],
		["no registry", { fetch: never }, ["backend", "clock"]],
		["a registry without its database", { fetch: async () => new Response("", { status: 503 }) }, ["backend", "clock"]],
		["a clock that is wrong", { nowMs: () => NOW + 121_000 }, ["clock"]],
		["a clock that is nearly right", { nowMs: () => NOW - 119_000 }, []],
		["no agent to hand out", { askForAgent: never }, ["agent"]],
	])("names %s", async (_, changes, names) => {
		expect(await badOf(changes)).toEqual(names);
	});
});
