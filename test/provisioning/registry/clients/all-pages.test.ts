import { describe, expect, test } from "vitest";

import { createAccessClient } from "../../../../provisioning/registry/clients/access-client.ts";
import { createAdminClient } from "../../../../provisioning/registry/clients/admin-client.ts";
import { pagesOf } from "../../../../provisioning/registry/clients/all-pages.ts";
import { createApprovalClient } from "../../../../provisioning/registry/clients/approval-client.ts";
import type { RegistryAddress } from "../../../../provisioning/registry/clients/registry-call.ts";
import { createTechnicianClient } from "../../../../provisioning/registry/clients/technician-client.ts";
import { createWebhookClient } from "../../../../provisioning/registry/clients/webhook-client.ts";
import { expectFault } from "../test-registry.ts";

/** Every list that a client reads to its end: what its rows are called, and one of them. */
const LISTS: readonly (readonly [string, string, object, (address: RegistryAddress) => Promise<readonly unknown[]>])[] = [
	[
		"people",
		"people",
		{
			personId: "a".repeat(20),
			name: "Ana",
			roles: [],
			rolesFrom: "registry",
			isDisabled: false,
			passkeys: 0,
			hasProvider: false,
			createdAtUnixSeconds: 1,
		},
		(address) => createAccessClient(address).listPeople(),
	],
	[
		"programs",
		"programs",
		{
			programId: "a".repeat(20),
			name: "p",
			roles: ["agent"],
			createdBy: "admin",
			createdAtUnixSeconds: 1,
			expiresAtUnixSeconds: 2,
		},
		(address) => createAccessClient(address).listPrograms(),
	],
	[
		"sessions",
		"sessions",
		{ sessionId: "a".repeat(32), isThis: true, signedInAtUnixSeconds: 1, lastSeenAtUnixSeconds: 2, expiresAtUnixSeconds: 3 },
		(address) => createAccessClient(address).listSessions(),
	],
	[
		"approvals",
		"approvals",
		{
			...{
				approvalId: "a".repeat(20),
				kind: "k",
				subject: "s",
				request: {},
				requestSha256: "0".repeat(64),
				reason: "r",
				state: "asked",
			},
			...{ askedBy: { personId: "a".repeat(20), name: "Ana" }, askedAtUnixSeconds: 1, expiresAtUnixSeconds: 2, mayDecide: false },
		},
		(address) => createApprovalClient(address).list({ open: true }),
	],
	[
		"a contract's orders",
		"orders",
		{ epoch: 1, sequence: 1, action: "restore", reason: "goodwill", issuedAtUnixSeconds: 1, state: "pending", envelope: "" },
		(address) => createAdminClient(address).listOrders("C-1"),
	],
	["a contract's cases", "cases", serviceCase(), (address) => createTechnicianClient(address).casesOf("C-1")],
	["waiting cases", "cases", serviceCase(), (address) => createTechnicianClient(address).waitingCases()],
	[
		"an IMEI's contracts",
		"contracts",
		{
			...{ contractId: "C-1", deviceId: "d", state: "open", imeis: [], currency: "MXN", totalMinor: 1, paidMinor: 0 },
			...{
				paidUntilUnixSeconds: 1,
				paymentStanding: "paid",
				termsSha256: "0".repeat(64),
				createdAtUnixSeconds: 1,
				pendingOrders: 0,
			},
		},
		(address) => createTechnicianClient(address).contractsOfImei("490154203237518"),
	],
	[
		"webhooks",
		"webhooks",
		{
			endpointId: "a".repeat(20),
			url: "u",
			name: "n",
			eventTypes: [],
			state: "enabled",
			waiting: 0,
			createdBy: "admin",
			createdAtUnixSeconds: 1,
		},
		(address) => createWebhookClient(address).list(),
	],
	[
		"a delivery's attempts",
		"attempts",
		{ atUnixSeconds: 1, durationMs: 1 },
		(address) => createWebhookClient(address).attempts("a".repeat(20), "evt_1"),
	],
];

function serviceCase() {
	return { caseId: "a", contractId: "C-1", kind: "return", state: "asked", reason: "r", askedBy: "admin", askedAtUnixSeconds: 1 };
}

/** A registry of which one page follows the other. @param nextCursor of the page that was asked for so many times before. */
function saying(member: string, row: object, nextCursor: (asked: number) => string | undefined) {
	const asked: URL[] = [];
	const fetching: typeof fetch = async (input) => {
		asked.push(new URL(String(input)));
		return Response.json({ [member]: [row], nextCursor: nextCursor(asked.length - 1) });
	};
	return { asked, address: { url: "http://registry.example", fetch: fetching } };
}

describe.each(LISTS)("the client's list of %s", (_name, member, row, list) => {
	test("is read to its end, each page with what the one before gave", async () => {
		const { asked, address } = saying(member, row, (count) => ["one", "two"][count]);
		expect(await list(address)).toEqual([row, row, row]);
		expect(asked.map(({ searchParams }) => [searchParams.get("limit"), searchParams.get("cursor")])).toEqual([
			["500", null],
			["500", "one"],
			["500", "two"],
		]);
		expect(new Set(asked.map(({ pathname }) => pathname)).size).toBe(1);
	});

	test("is not believed when it leads back to where it was, at once or later", async () => {
		for (const cursors of [["one"], ["one", "two", "three"]]) {
			const { asked, address } = saying(member, row, (count) => cursors[count % cursors.length]);
			await expectFault(list(address), "REGISTRY_UNTRUSTED");
			expect(asked).toHaveLength(cursors.length + 1);
		}
	});

	test("is not believed when its cursor is more than a cursor", async () => {
		for (const cursor of ["", "one&limit=1", "../x", "a".repeat(1001)]) {
			const { asked, address } = saying(member, row, () => cursor);
			await expectFault(list(address), "REGISTRY_UNTRUSTED");
			expect(asked).toHaveLength(1);
		}
	});
});

test("a list that never ends is not believed after some thousands of pages", async () => {
	const { asked, address } = saying("cases", serviceCase(), (count) => `c${count}`);
	await expectFault(createTechnicianClient(address).waitingCases(), "REGISTRY_UNTRUSTED");
	expect(asked).toHaveLength(4000);
});

test("pages are asked for only as long as somebody reads them", async () => {
	let asked = 0;
	for await (const page of pagesOf(async () => ({ nextCursor: `c${++asked}` }))) if (page.nextCursor === "c3") break;
	expect(asked).toBe(3);
});

test("a page that is far longer than was asked for is read, and breaks nothing", async () => {
	const attempts = Array.from({ length: 200_000 }, () => ({ atUnixSeconds: 1, durationMs: 1 }));
	const address = { url: "http://registry.example", fetch: async () => Response.json({ attempts }) };
	expect(await createWebhookClient(address).attempts("a".repeat(20), "evt_1")).toHaveLength(attempts.length);
});
