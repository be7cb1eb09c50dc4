import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { keepPasskey } from "../../../../provisioning/registry/access/passkeys.ts";
import { writeCursor } from "../../../../provisioning/registry/cursor.ts";
import type { RegistryContext } from "../../../../provisioning/registry/registry-context.ts";
import { anotherSession, caller, type SignedIn, signIn } from "../access/signed-in.ts";
import { ADMIN_TOKEN, contractRequest, DAY, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";

let registry: TestRegistry;
let byToken: SignedIn["call"];
let ana: SignedIn;
beforeAll(async () => {
	registry = await startTestRegistry();
	byToken = caller(registry, { authorization: `Bearer ${ADMIN_TOKEN}` });
	ana = await signIn(registry, ["admin"], { name: "Ana" });
});
afterAll(() => registry?.close());

const run = (text: string, values: unknown[] = []) => registry.database.pool.query(text, values);
const id = (text: string, length = 20) => Buffer.from(text).toString("hex").padEnd(length, "0");
const IMEI = "490154203237518";
const ENDPOINT = id("told");
const EVENT = "evt_AAAAAAAAAAAAAAAAAAAA";
const LONG = "Z".repeat(80);

interface List {
	readonly path: string;
	readonly member: string;
	/** What tells its rows apart. */
	readonly key: string;
	/** Adds a row. @param rank where it belongs, in the order of the list: rows of one rank are told apart by their id. */
	readonly add: (name: string, rank: number) => Promise<unknown>;
	readonly mine?: true;
}

const person = (name: string, text: string, disabledAt: number | null = null) =>
	run("INSERT INTO people VALUES ($1, $2, NULL, '{agent}', 'registry', 'admin', 1, $3)", [id(name), text, disabledAt]);
const program = async (name: string, text: string, revokedAt: number | null = null) => {
	await run("INSERT INTO programs VALUES ($1, $2, '{agent}', NULL, 'admin', 1, NULL, $3)", [id(name), text, revokedAt]);
	await run("INSERT INTO program_secrets VALUES ($1, 1, $2, 1, 2)", [id(name), Buffer.from(id(name))]);
};
const NAMES = ["Ana", "Ána Sofía", 'Bo "B" \u0001 🙂', `${LONG}1`, `${LONG}0`];
const serviceCase = (name: string, contract: string, state: string, askedAt: number) =>
	run(
		`INSERT INTO service_cases (case_id, contract_id, device_id, kind, state, request, asked_by, asked_at)
		VALUES ($1, $2, 'd', 'return', $3, '{"imeiTail":"1234","reference":"r","reason":"x"}', 'admin', $4)`,
		[id(name), contract, state, askedAt],
	);
const approval = (name: string, rank: number, state = "asked") =>
	run(
		`INSERT INTO approvals (approval_id, kind, subject, request, request_sha256, reason, state, asked_by, asked_at, expires_at)
		VALUES ($1, 'people.admin', $1, '{}', '\\x00', 'r', $2, $3, $4, $5)`,
		[id(name), state, ana.personId, START - rank, START + DAY],
	);

/** By rank, the first row first. */
const LISTS: Readonly<Record<string, List>> = {
	people: {
		path: "/v1/people",
		member: "people",
		key: "personId",
		add: (name, rank) => person(name, NAMES[rank % NAMES.length] ?? "", rank >= 8 ? 5 : null),
	},
	programs: {
		path: "/v1/programs",
		member: "programs",
		key: "programId",
		add: (name, rank) => program(name, NAMES[rank % NAMES.length] ?? "", rank >= 8 ? 5 : null),
	},
	approvals: { path: "/v1/approvals", member: "approvals", key: "approvalId", add: (name, rank) => approval(name, rank) },
	"open approvals": {
		path: "/v1/approvals?open=true",
		member: "approvals",
		key: "approvalId",
		add: (name, rank) => approval(`o${name}`, rank, rank % 2 === 0 ? "asked" : "refused"),
	},
	"waiting cases": {
		path: "/v1/service-cases",
		member: "cases",
		key: "caseId",
		add: (name, rank) => serviceCase(name, `W-${name}`, "asked", START - 1000 + rank),
	},
	"a contract's cases": {
		path: "/v1/contracts/P-0/service-cases",
		member: "cases",
		key: "caseId",
		add: (name, rank) => serviceCase(`c${name}`, "P-0", "done", START - rank),
	},
	"one's sessions": {
		path: "/v1/sessions",
		member: "sessions",
		key: "sessionId",
		mine: true,
		add: async (_name, rank) => {
			const before = registry.now;
			registry.now = START - rank;
			await anotherSession(registry, ana.personId);
			registry.now = before;
		},
	},
	"an IMEI's contracts": {
		path: `/v1/imei/${IMEI}/contracts`,
		member: "contracts",
		key: "contractId",
		add: async (name, rank) => {
			await registry.admin.createContract(contractRequest(`I-${name}`));
			await run("INSERT INTO imeis VALUES ($1, $2, true, $3, $4)", [
				IMEI,
				`I-${name}`,
				rank === 0,
				START - (rank === 0 ? 99 : rank),
			]);
		},
	},
	webhooks: {
		path: "/v1/webhooks",
		member: "webhooks",
		key: "endpointId",
		add: (name, rank) =>
			run(
				`INSERT INTO webhook_endpoints (endpoint_id, url, name, event_types, state, disabled_because, created_by, created_at)
				VALUES ($1, 'https://x.example/', 'n', '{}', $2, $3, 'admin', $4)`,
				[id(`w${name}`), rank < 4 ? "enabled" : "disabled", rank < 4 ? null : "asked", START - (rank < 4 ? 0 : 50) + rank],
			),
	},
	"an endpoint's deliveries": {
		path: `/v1/webhooks/${ENDPOINT}/deliveries`,
		member: "deliveries",
		key: "eventId",
		add: async (name) => {
			const event = `evt_${name.padEnd(20, "_")}`;
			const { rows } = await run(
				"INSERT INTO webhook_events (subject, event_id, type, at, data) VALUES ('P-0', $1, 'webhook.test', 1, '{}') RETURNING number",
				[event],
			);
			await run(
				"INSERT INTO webhook_deliveries (subject, number, endpoint_id, state, next_at) VALUES ('P-0', $1, $2, 'given_up', 1)",
				[rows[0].number, ENDPOINT],
			);
		},
	},
	"a delivery's attempts": {
		path: `/v1/webhooks/${ENDPOINT}/deliveries/${EVENT}/attempts`,
		member: "attempts",
		key: "answer",
		add: (name, rank) =>
			run("INSERT INTO webhook_attempts VALUES ('e', 1, $1, $2, $3, 1, 200, NULL, $3)", [ENDPOINT, START - rank, name]),
	},
};

const call = (list: List): SignedIn["call"] => (list.mine ? ana.call : byToken);
async function page(list: List, query: string): Promise<{ keys: string[]; nextCursor: string | undefined }> {
	const { status, body } = await call(list)("GET", `${list.path}${list.path.includes("?") ? "&" : "?"}${query}`);
	expect([query, status]).toEqual([query, 200]);
	return { keys: body[list.member].map((row: Record<string, string>) => row[list.key]), nextCursor: body.nextCursor };
}

async function walk(
	list: List,
	limit: number,
	meanwhile: (pages: number) => Promise<unknown> = async () => {},
): Promise<string[]> {
	const seen: string[] = [];
	let cursor = "";
	for (let pages = 1; ; pages += 1) {
		const { keys, nextCursor } = await page(list, `limit=${limit}${cursor}`);
		expect(keys.length).toBeGreaterThan(0);
		expect(keys.length).toBeLessThanOrEqual(limit);
		seen.push(...keys);
		await meanwhile(pages);
		if (nextCursor === undefined) return seen;
		expect(keys).toHaveLength(limit);
		cursor = `&cursor=${nextCursor}`;
	}
}

describe.each(Object.entries(LISTS))("pages of %s", (name, list) => {
	let whole: readonly string[] = [];
	beforeAll(async () => {
		if (list.path.includes(ENDPOINT))
			await run(
				`INSERT INTO webhook_endpoints (endpoint_id, url, name, event_types, state, created_by, created_at)
				VALUES ($1, 'https://x.example/', 'n', '{}', 'enabled', 'admin', 1) ON CONFLICT DO NOTHING`,
				[ENDPOINT],
			);
		if (name === "a delivery's attempts")
			await run(
				"INSERT INTO webhook_events (subject, number, event_id, type, at, data) VALUES ('e', 1, $1, 'webhook.test', 1, '{}')",
				[EVENT],
			);
		if (list.path.includes("P-0")) await registry.admin.createContract(contractRequest("P-0"));
		// Two of each rank, entered in no order: what is alike in all else is told apart by its id.
		for (const rank of [6, 2, 8, 0, 4]) {
			await list.add(`b${rank}`, rank);
			if (name !== "an IMEI's contracts" || rank !== 0) await list.add(`a${rank}`, rank); // one contract of a phone runs
		}
		whole = (await page(list, "limit=500")).keys;
	});

	test("hold each row once and in turn, however large they are", async () => {
		expect(whole.length).toBeGreaterThanOrEqual(9);
		expect(new Set(whole).size).toBe(whole.length);
		for (const limit of [1, 3, whole.length - 1, whole.length]) expect(await walk(list, limit)).toEqual(whole);
	});

	test("hold each row once and in turn while rows are added before, between and after", async () => {
		const seen = await walk(list, 2, async (pages) => {
			if (pages === 2) for (const rank of [1, 3, 5, 7, 9]) await list.add(`n${rank}`, rank);
		});
		expect(new Set(seen).size).toBe(seen.length);
		expect(seen.filter((key) => whole.includes(key))).toEqual(whole);
	});

	test("have bounds, and take no cursor but their own", async () => {
		const others = [writeCursor("other", [1]), writeCursor("other", [1, "a"]), writeCursor("other", [1, "a", "b"])];
		for (const query of ["limit=0", "limit=501", "limit=x", "cursor=", "cursor=!", "cursor=Zm9v", "page=2"].concat(
			others.map((other) => `cursor=${other}`),
		)) {
			const { status, body } = await call(list)("GET", `${list.path}${list.path.includes("?") ? "&" : "?"}${query}`);
			expect([query, status, body.code]).toEqual([query, 400, "BAD_REQUEST"]);
		}
	});
});

test("lists are in the order that they promise", async () => {
	const people = (await byToken("GET", "/v1/people")).body.people;
	const gone = people.map(({ isDisabled }: { isDisabled: boolean }) => isDisabled);
	expect(gone).toEqual([...gone].sort());
	const found = (await byToken("GET", `/v1/imei/${IMEI}/contracts`)).body.contracts;
	expect(found[0].contractId).toBe("I-b0");
	const cases = (await byToken("GET", "/v1/service-cases")).body.cases;
	const asked = cases.map(({ askedAtUnixSeconds }: { askedAtUnixSeconds: number }) => askedAtUnixSeconds);
	expect(asked).toEqual([...asked].sort((one, other) => one - other));
	const approvals = (await byToken("GET", "/v1/approvals")).body.approvals;
	const times = approvals.map(({ askedAtUnixSeconds }: { askedAtUnixSeconds: number }) => askedAtUnixSeconds);
	expect(times).toEqual([...times].sort((one, other) => other - one));
});

test("a story tells which of its parts hold more than it shows, and knows a hold that is older than the orders that it shows", async () => {
	await registry.admin.createContract(contractRequest("L-1"));
	await registry.admin.issueOrder("L-1", { action: "hold", kind: "dispute", untilUnixSeconds: START + DAY, reason: "dispute" });
	expect(await registry.console.story("L-1")).not.toHaveProperty("leftOut");
	await run(
		`INSERT INTO orders (device_id, epoch, sequence, contract_id, action, reason, issued_at, expires_at, payload, envelope, key_set_version, state)
		SELECT device_id, epoch, sequence + i, contract_id, 'restore', 'goodwill', issued_at, 0, '\\x', '\\x', key_set_version, 'accepted'
		FROM orders, generate_series(1, 200) AS i WHERE contract_id = 'L-1'`,
	);
	const story = await registry.console.story("L-1");
	expect(story.leftOut).toEqual(["orders"]);
	expect(story.orders).toHaveLength(200);
	expect(story.holds).toMatchObject([{ kind: "dispute", inForce: true }]);
	expect(await registry.admin.listOrders("L-1")).toHaveLength(201);
});

test("nobody has more than ten passkeys, also when more are registered at once: their list needs no pages", async () => {
	const context = { clock: { nowMs: () => registry.now * 1000 } } as RegistryContext; // it is asked for the time alone
	const keep = (each: number) =>
		registry.database.kysely.transaction().execute((transaction) =>
			keepPasskey(context, transaction, ana.personId, {
				id: `key-${each}`,
				publicKey: new Uint8Array(1),
				counter: 0,
				synced: false,
			}),
		);
	const ends = await Promise.allSettled(Array.from({ length: 14 }, (_, each) => keep(each)));
	expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
	expect((await ana.call("GET", "/v1/passkeys")).body.passkeys).toHaveLength(10);
});
