import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { nobleCrypto } from "../../../../proto/noble-crypto.ts";
import { createDeskClient, type DeskClient } from "../../../../provisioning/registry/clients/desk-client.ts";
import { createRegistry } from "../../../../provisioning/registry/http/create-registry.ts";
import { openRoleSigners } from "../../../../provisioning/registry/keys/lender-keys.ts";
import { consentViewOf, termsViewOf, termsViewOfRequest } from "../../../../provisioning/web/desk/terms-view.ts";
import { ADMIN_TOKEN, contractRequest, expectFault, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";

let registry: TestRegistry;
let desk: DeskClient;
beforeAll(async () => {
	registry = await startTestRegistry();
	desk = createDeskClient({ url: registry.url, adminToken: ADMIN_TOKEN }, nobleCrypto);
});
afterAll(() => registry.close());

describe("a contract's papers", () => {
	test("are the bytes that its phone is given, by the hashes that are signed", async () => {
		const request = contractRequest("P-1");
		const contract = await registry.admin.createContract(request);
		const papers = await desk.papersOf("P-1");
		expect(papers.termsSha256).toBe(contract.termsSha256);
		expect(consentViewOf(papers.consent)).toEqual({ language: "es", givenAt: START - 600, method: "on_device" });
	});

	test.each(["default", "IN", "MX", "ID", "BR", "KE"])(
		"say what the borrower was shown before it was entered: %s",
		async (place) => {
			const request = contractRequest(`P-${place}`);
			const here = { ...request, terms: { ...request.terms, jurisdiction: place } };
			await registry.admin.createContract(here);
			expect(termsViewOf((await desk.papersOf(here.contractId)).terms)).toEqual(termsViewOfRequest(here));
		},
	);

	test("say as well what a lender wrote by itself", async () => {
		const request = contractRequest("P-own", {
			terms: {
				...contractRequest("x").terms,
				initialPaidUntilUnixSeconds: START + 99,
				ladder: { graceSeconds: 10 * 86_400, limitedDwellSeconds: 3 * 86_400, maxLevel: "limited" },
				notices: { count: 4, minSpacingSeconds: 2 * 86_400, minChannels: 2 },
				offline: { budgetSeconds: 0, warnAtRemainingSeconds: [], level: "none" },
				passes: { perYear: 6, durationSeconds: 86_400 },
				observations: { onSimChange: "limited" },
				quietHours: { startMinute: 1200, endMinute: 480, utcOffsetMinutes: -360 },
				deadLenderReleaseSeconds: 30 * 86_400,
			},
		});
		await registry.admin.createContract(request);
		const view = termsViewOf((await desk.papersOf("P-own")).terms);
		expect(view).toEqual(termsViewOfRequest(request));
		expect(view).toMatchObject({ simLevel: "limited", attestationLevel: "none", quiet: { startMinute: 1200, endMinute: 480 } });
	});

	test("of a contract that is not there are refused", async () => {
		await expectFault(desk.papersOf("NONE"), "CONTRACT_UNKNOWN");
	});

	test("that were exchanged on the way are not believed", async () => {
		await registry.admin.createContract(contractRequest("P-2"));
		const forged: typeof fetch = async (...asked) => {
			const answer = await fetch(...asked);
			const json = (await answer.json()) as Record<string, string>; // our own registry's
			return Response.json({ ...json, terms: json.consent });
		};
		const other = createDeskClient({ url: registry.url, adminToken: ADMIN_TOKEN, fetch: forged }, nobleCrypto);
		await expectFault(other.papersOf("P-2"), "REGISTRY_UNTRUSTED");
	});
});

describe("the agent that a registry hands out", () => {
	const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
	const sha256 = Buffer.from(nobleCrypto.sha256(bytes)).toString("hex");

	async function serving() {
		const app = await createRegistry({
			database: registry.database,
			keys: await openRoleSigners(registry.keysFolder, { insecureDev: true }),
			clock: { nowMs: () => START * 1000 },
			adminToken: ADMIN_TOKEN,
			publicUrl: () => "http://127.0.0.1",
			agentApk: { bytes, sha256, signerSha256: ["ab".repeat(32)], versionName: "1.2", versionCode: 7 },
		});
		const url = await app.listen({ host: "127.0.0.1", port: 0 });
		return { app, client: createDeskClient({ url, adminToken: ADMIN_TOKEN }, nobleCrypto), url };
	}

	test("is named by its hash, fetched whole, and kept by a browser for good", async () => {
		const { app, client, url } = await serving();
		const facts = await client.agentApkFacts();
		expect(facts).toEqual({ sha256, size: 300_000, signerSha256: ["ab".repeat(32)], versionName: "1.2", versionCode: 7 });
		expect(Buffer.from(await client.agentApkFile(facts)).equals(bytes)).toBe(true);
		await expectFault(client.agentApkFile({ ...facts, sha256: "0".repeat(64) }), "REGISTRY_REFUSED", { reason: "NOT_FOUND" });
		const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
		const answer = await fetch(`${url}/v1/agent-apk/${sha256}`, { headers });
		expect(answer.headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
		expect((await fetch(`${url}/v1/agent-apk/${sha256}`)).status).toBe(401);
		await app.close();
	});

	test("is none where none was given", async () => {
		await expectFault(desk.agentApkFacts(), "REGISTRY_REFUSED", { reason: "NOT_FOUND" });
	});
});
