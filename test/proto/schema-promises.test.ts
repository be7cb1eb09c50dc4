import { describe, expect, test } from "vitest";

import { everyMessage } from "./every-message.ts";

const fieldsOf = (name: string): string[] => {
	const message = everyMessage().find((candidate) => candidate.name === name);
	if (!message) throw new Error(`no message ${name}`);
	return message.schema.fieldsArray.map((field) => field.name).sort();
};

describe("what the schemas cannot say", () => {
	test("no message can ask for a wipe (F8)", () => {
		const forbidden = /wipe|erase|format|reset|purge|destroy|delete/i;
		const names = everyMessage().flatMap(({ name, schema }) => [
			name,
			...schema.fieldsArray.map((field) => `${name}.${field.name}`),
		]);
		// The version of a stored file is the one format there is.
		expect(names.filter((name) => forbidden.test(name) && !name.endsWith(".formatVersion"))).toEqual([]);
	});

	test("an order is one of ten, and none reads or wipes (F8, F9)", () => {
		const order = everyMessage().find(({ name }) => name === "Order");
		expect(order?.schema.oneofs.action?.fieldsArray.map((field) => field.name).sort()).toEqual(
			["extend", "hold", "newKeys", "newTerms", "notice", "rebind", "release", "restore", "restrict", "serviceWindow"].sort(),
		);
	});

	test("what a phone reports is a closed list (F9)", () => {
		expect(fieldsOf("CheckIn")).toEqual(
			[
				...["deviceId", "contractId", "counter", "nonce", "keySetVersion", "epoch", "lastSequence"],
				...["outcomes", "status", "logHead", "logLength", "agentVersion"],
			].sort(),
		);
		expect(fieldsOf("OrderOutcome")).toEqual(["epoch", "result", "rule", "sequence"]);
		expect(fieldsOf("DeviceStatus")).toEqual(
			[
				...["standing", "causes", "contact", "level", "paidUntilUnixSeconds", "trustedTimeUnixSeconds", "offlineChargedSeconds"],
				...["sealed", "serviceOpen", "postureApplied", "postureDrift", "ownershipReturned", "wrongfulLockMinutes"],
				...["simChanged", "attestationChanged", "contactRequired", "codeCounter", "codeNonce"],
			].sort(),
		);
	});

	test("nothing that a phone says names a person, a place, a call or a message (F9)", () => {
		const spoken = ["CheckIn", "DeviceStatus", "OrderOutcome", "BindingReceipt", "AgentIdentity", "RecordCheckpoint"];
		const personal = /name|address|contact(?!Required$)|location|latitude|number|sms|call|photo|media|ssid|iccid|imsi|digest/i;
		const named = spoken.flatMap((name) => fieldsOf(name).map((field) => `${name}.${field}`));
		// How recent the lender's word is.
		expect(named.filter((name) => personal.test(name))).toEqual(["DeviceStatus.contact"]);
	});
});
