import type { RequestListener } from "node:http";

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { encode } from "../../../../proto/codec.ts";
import { PayloadType, seal, sealBytes } from "../../../../proto/envelope.ts";
import { wire } from "../../../../proto/wire.ts";
import type { EnrollmentOffer } from "../../../../provisioning/procedure/registry-port.ts";
import { toBase64 } from "../../../../provisioning/registry/base64.ts";
import { createRegistryClient } from "../../../../provisioning/registry/clients/registry-client.ts";
import { makeKey } from "../../../../provisioning/registry/keys/key-file.ts";
import { openRoleSigners } from "../../../../provisioning/registry/keys/lender-keys.ts";
import { crypto, TestPhone } from "../test-phone.ts";
import { contractRequest, expectFault, startTestRegistry, type TestRegistry } from "../test-registry.ts";
import { json, offerJson, type PretendedServer, pretend } from "./pretended-server.ts";

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
});
afterAll(() => registry.close());

const servers: PretendedServer[] = [];
afterEach(() => {
	for (const server of servers.splice(0)) server.close();
});

/** A registry that says what the test wants, until the test is over. */
async function pretended(handler: RequestListener): Promise<string> {
	const server = await pretend(handler);
	servers.push(server);
	return server.url;
}

describe("a registry that lies about an offer is not believed", () => {
	const phone = new TestPhone();
	let offer: EnrollmentOffer;
	beforeAll(async () => {
		await registry.admin.createContract(contractRequest("X-1"));
		offer = await registry.port.offerEnrollment("X-1", phone.identity);
	});

	const ask = async (changes: Partial<EnrollmentOffer>, contractId = "X-1", identity = phone.identity) =>
		createRegistryClient({ url: await pretended(json(offerJson({ ...offer, ...changes }))) }).offerEnrollment(
			contractId,
			identity,
		);

	test("(the same offer unchanged is)", async () => {
		await expect(ask({})).resolves.toEqual(offer);
	});

	test.each<[string, () => Partial<EnrollmentOffer>]>([
		["other terms", () => ({ terms: encode(wire.Terms, { contractId: "X-1" }) })],
		["another code key", () => ({ codeKey: new Uint8Array(32).fill(1) })],
		["no code key where one was signed for", () => ({ codeKey: new Uint8Array() })],
		["another consent", () => ({ consent: encode(wire.Consent, { termsSha256: crypto.sha256(offer.terms) }) })],
		["no key set", () => ({ keySetEnvelopes: [] })],
		[
			"a damaged key set",
			() => ({ keySetEnvelopes: offer.keySetEnvelopes.map((each) => each.map((byte, at) => (at === 99 ? byte ^ 1 : byte))) }),
		],
		["a damaged binding", () => ({ bindingEnvelope: offer.bindingEnvelope.map((byte, at) => (at === 50 ? byte ^ 1 : byte)) })],
		["another device id", () => ({ deviceId: "0".repeat(32) })],
	])("for %s", async (_what, change) => {
		await expectFault(ask(change()), "REGISTRY_UNTRUSTED");
	});

	test("for a binding signed by a key of another role, or by nobody's", async () => {
		const keys = await openRoleSigners(registry.keysFolder, { insecureDev: true });
		for (const signer of [keys.signer("heartbeat"), makeKey(crypto).signer]) {
			const payload = encode(wire.Binding, { contractId: "X-1", deviceId: offer.deviceId });
			await expectFault(
				ask({ bindingEnvelope: await sealBytes(PayloadType.binding, payload, signer ? [signer] : []) }),
				"REGISTRY_UNTRUSTED",
			);
		}
	});

	test("for another contract or another handset than was asked about", async () => {
		await expectFault(ask({}, "X-2"), "REGISTRY_UNTRUSTED");
		await expectFault(ask({}, "X-1", new TestPhone().identity), "REGISTRY_UNTRUSTED");
	});

	test("for keys of another lender, when the lender's first key set or name is pinned", async () => {
		const url = await pretended(json(offerJson(offer)));
		const pinned = (pins: { firstKeySetSha256?: string; lenderId?: string }) =>
			createRegistryClient({ url, pins }).offerEnrollment("X-1", phone.identity);
		const right = Buffer.from(crypto.sha256(offer.keySetEnvelopes[0] ?? new Uint8Array())).toString("hex");
		await expect(pinned({ firstKeySetSha256: right, lenderId: "lender-1" })).resolves.toBeDefined();
		await expectFault(pinned({ firstKeySetSha256: "0".repeat(64) }), "REGISTRY_UNTRUSTED");
		await expectFault(pinned({ lenderId: "lender-2" }), "REGISTRY_UNTRUSTED");
	});
});

describe("a registry that lies about a release or a check-in is not believed", () => {
	test("when the release is signed by another role, or for another contract", async () => {
		for (const contractId of ["Y-1", "Y-2"]) {
			await registry.admin.createContract(contractRequest(contractId));
			await registry.admin.payOff(contractId, { reference: "r" });
		}
		const keys = await openRoleSigners(registry.keysFolder, { insecureDev: true });
		const grant = await registry.port.grantRelease("Y-1");
		const command = keys.signer("command");
		const order = { contractId: "Y-1", release: { certificateId: grant.certificateId } };
		const forged = command ? await seal(wire.Order, PayloadType.order, order, [command]) : new Uint8Array();
		const answer = {
			certificateId: grant.certificateId,
			releaseEnvelope: toBase64(grant.releaseEnvelope),
			serviceWindowEnvelope: toBase64(grant.serviceWindowEnvelope),
		};
		const keySets = { lenderId: "lender-1", keySetEnvelopes: keys.keySetEnvelopes.map(toBase64) };
		const client = async (release: unknown) =>
			createRegistryClient({
				url: await pretended((request, response) => json(request.url === "/v1/key-sets" ? keySets : release)(request, response)),
			});
		await expect((await client(answer)).grantRelease("Y-1")).resolves.toEqual(grant);
		await expectFault((await client({ ...answer, releaseEnvelope: toBase64(forged) })).grantRelease("Y-1"), "REGISTRY_UNTRUSTED");
		await expectFault((await client(answer)).grantRelease("Y-2"), "REGISTRY_UNTRUSTED");
		await expectFault((await client({ ...answer, certificateId: "HF-0" })).grantRelease("Y-1"), "REGISTRY_UNTRUSTED");
	});

	test("when the reply is to another question", async () => {
		await registry.admin.createContract(contractRequest("Y-3"));
		const phone = new TestPhone();
		const offer = await registry.port.offerEnrollment("Y-3", phone.identity);
		await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), new Uint8Array());
		const reply = await registry.port.relayCheckIn(await phone.checkIn());
		const url = await pretended((request, response) => {
			if (request.url === "/v1/key-sets")
				json({ lenderId: "lender-1", keySetEnvelopes: offer.keySetEnvelopes.map(toBase64) })(request, response);
			else response.end(reply);
		});
		await expectFault(createRegistryClient({ url }).relayCheckIn(await phone.checkIn()), "REGISTRY_UNTRUSTED");
	});
});

describe("a registry that is down, slow or somebody else", () => {
	const ask = (url: string, deadlineMs = 200) => createRegistryClient({ url, deadlineMs }).enrollmentOf("Z-1");

	test("that is down is unreachable", async () => {
		await expectFault(ask("http://127.0.0.1:1"), "REGISTRY_UNREACHABLE");
	});

	test("that never answers is unreachable after the deadline, and was asked three times", async () => {
		let asked = 0;
		const url = await pretended(() => {
			asked += 1;
		});
		await expectFault(ask(url), "REGISTRY_UNREACHABLE");
		expect(asked).toBe(3);
	});

	test("that starts answering in time is asked again", async () => {
		let asked = 0;
		const url = await pretended((request, response) => {
			asked += 1;
			if (asked < 3) response.writeHead(503).end();
			else json({ enrollments: [] })(request, response);
		});
		expect(await ask(url)).toBeUndefined();
	});

	test.each([429, 503])("that says %i and when to ask again is asked then, and no sooner", async (status) => {
		const at: number[] = [];
		const url = await pretended((request, response) => {
			at.push(performance.now());
			if (at.length < 2) response.writeHead(status, { "retry-after": "1" }).end();
			else json({ enrollments: [] })(request, response);
		});
		expect(await ask(url)).toBeUndefined();
		expect(at).toHaveLength(2);
		expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(990);
	});

	test.each([429, 503])("that says %i and to come back much later is not asked again meanwhile", async (status) => {
		let asked = 0;
		const url = await pretended((_request, response) => {
			asked += 1;
			const problem = { type: "t", title: "t", status, code: "RATE_LIMITED", detail: "d", next: "n" };
			response
				.writeHead(status, { "retry-after": "30" })
				.end(JSON.stringify({ ...problem, details: { retryAfterSeconds: "30" } }));
		});
		await expectFault(ask(url), "REGISTRY_UNREACHABLE", {
			...{ detail: "d", next: "n" },
			...{ reason: "RATE_LIMITED", retryAfterSeconds: "30" },
		});
		expect(asked).toBe(1);
	});

	test.each<[string, RequestListener]>([
		["another shape", json({ enrollments: [{}] })],
		["no JSON", (_request, response) => void response.end("<html>captive portal</html>")],
		[
			"an enrolment of another contract",
			json({
				enrollments: [
					{
						enrollmentId: "e",
						deviceId: "d",
						contractId: "Z-2",
						imei1: "1",
						serial: "s",
						model: "m",
						state: "sealed",
						bindingSha256: "0".repeat(64),
					},
				],
			}),
		],
		["far too much", (_request, response) => void response.end(Buffer.alloc(9 * 1024 * 1024, 32))],
	])("that answers with %s is not trusted", async (_what, handler) => {
		await expectFault(ask(await pretended(handler), 5000), "REGISTRY_UNTRUSTED");
	});

	test("that sends us elsewhere does not get our token there", async () => {
		let leaked: string | undefined;
		const elsewhere = await pretended((request, response) => {
			leaked = request.headers.authorization;
			json({ enrollments: [] })(request, response);
		});
		const url = await pretended((_request, response) => void response.writeHead(307, { location: elsewhere }).end());
		const client = createRegistryClient({ url, adminToken: "secret", deadlineMs: 500 });
		await expectFault(client.enrollmentOf("Z-1"), "REGISTRY_UNREACHABLE");
		expect(leaked).toBeUndefined();
	});

	test("is left at once when the work is cancelled", async () => {
		const cancel = new AbortController();
		const url = await pretended(() => cancel.abort());
		await expectFault(createRegistryClient({ url, signal: cancel.signal }).enrollmentOf("Z-1"), "CANCELLED");
	});
});
