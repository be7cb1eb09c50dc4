import { sql } from "kysely";
import { findAuditBreak } from "../../provisioning/registry/audit-log.ts";
import { createAdminClient } from "../../provisioning/registry/clients/admin-client.ts";
import { createRegistryClient } from "../../provisioning/registry/clients/registry-client.ts";
import { createStationClient } from "../../provisioning/registry/clients/station-client.ts";
import { openBadges } from "../../provisioning/station/crew/badges.ts";
import { startStationServer } from "../../provisioning/station/server/start-station-server.ts";
import { signIn } from "../provisioning/registry/access/signed-in.ts";
import { ADMIN_TOKEN, contractRequest, nextImei } from "../provisioning/registry/test-registry.ts";
import { createFakeStation } from "../provisioning/station/server/fake-station.ts";
import type { Attack } from "./attack.ts";
import { each, refusalOf, type Stage, told } from "./stage.ts";

const STATION_TOKEN = "a-token-of-thirty-two-characters-or-more";
const handset = () => ({ imei1: nextImei() as never, serial: `S${nextImei()}`, model: "X" }); // valid numbers

async function withStation(run: (url: string) => Promise<string>): Promise<string> {
	const server = await startStationServer({
		station: createFakeStation(),
		pageFolder: import.meta.dirname,
		token: STATION_TOKEN,
	});
	try {
		return await run(new URL(server.url).origin);
	} finally {
		await server.close();
	}
}

async function addContracts({ registry }: Stage, ...ids: string[]): Promise<void> {
	for (const id of ids) await registry.admin.createContract(contractRequest(id));
}

/** People and programs of the lender's own side who do more than they may. */
export const insiderAttacks: readonly Attack[] = [
	{
		id: "station-token-at-other-stations",
		source: "plan; OWASP API1:2023",
		attack: "A stolen station token leases and enrolls as another station",
		expected: "403 FORBIDDEN, 403 FORBIDDEN",
		async run(stage) {
			await addContracts(stage, "ST-1", "ST-2");
			const token = await stage.program(["operator"], "LINE-A");
			const lease = await stage.call("POST", "/v1/leases", {
				token,
				json: { station: "LINE-B", contractIds: ["ST-1"], ttlSeconds: 600 },
			});
			const { imei1, serial, model } = handset();
			const enroll = await stage.call("POST", "/v1/enrollments", {
				token,
				json: { station: "LINE-B", contractId: "ST-2", imei1, serial, model },
			});
			return `${told(lease)}, ${told(enroll)}`;
		},
	},
	{
		id: "station-token-takes-leased",
		source: "plan",
		attack: "A stolen station token enrolls a phone under a contract that another station holds",
		expected: "CONTRACT_LEASED_ELSEWHERE",
		async run(stage) {
			await addContracts(stage, "ST-3");
			await createStationClient({ url: stage.registry.url, adminToken: ADMIN_TOKEN, station: "LINE-B" }).lease(["ST-3"], 600);
			const token = await stage.program(["operator"], "LINE-A");
			return refusalOf(
				createRegistryClient({ url: stage.registry.url, adminToken: token, station: "LINE-A" }).offerEnrollment(
					"ST-3",
					handset(),
				),
			);
		},
	},
	{
		id: "station-token-frees-phones",
		source: "plan; SECURITY.md",
		attack: "A stolen station token asks for a release, a release code, a time code and a payoff",
		expected: "each 403 FORBIDDEN (4)",
		async run(stage) {
			await stage.enrolled("ST-4");
			const token = await stage.program(["operator"], "LINE-A");
			const acts = ["release", "release-code", "codes", "payoff"];
			return each(
				await Promise.all(
					acts.map(async (act) => told(await stage.call("POST", `/v1/contracts/ST-4/${act}`, { token, json: {} }))),
				),
			);
		},
	},
	{
		id: "station-token-revoked",
		source: "plan",
		attack: "A stolen station token is used after it was revoked, and after its days",
		expected: "200 before; 401 UNAUTHORIZED revoked; 401 UNAUTHORIZED expired",
		async run(stage) {
			await addContracts(stage, "ST-5");
			const [token, old] = [await stage.program(["operator"]), await stage.program(["operator"])];
			const look = async (used: string) => told(await stage.call("GET", "/v1/contracts/ST-5", { token: used }));
			const before = await look(token);
			const { call } = await signIn(stage.registry, ["admin"]);
			await call("POST", `/v1/programs/${token.split("_")[1]}/revoke`, {});
			const revoked = await look(token);
			stage.registry.now += 91 * 24 * 3600;
			const expired = await look(old);
			stage.registry.now -= 91 * 24 * 3600;
			return `${before} before; ${revoked} revoked; ${expired} expired`;
		},
	},
	{
		id: "operator-overwrites-a-bound-contract",
		source: "plan",
		attack: "A rogue operator enrolls their own phone under a customer's contract that is bound already",
		expected: "CONTRACT_BOUND_ELSEWHERE",
		async run(stage) {
			await stage.enrolled("RO-1");
			const token = await stage.program(["operator"]);
			return refusalOf(createRegistryClient({ url: stage.registry.url, adminToken: token }).offerEnrollment("RO-1", handset()));
		},
	},
	{
		id: "operator-locks-a-stranger",
		source: "plan",
		attack: "A rogue operator enrolls a stranger's phone, which is under contract elsewhere, to have it locked",
		expected: "IMEI_ON_OTHER_CONTRACT",
		async run(stage) {
			const { phone } = await stage.enrolled("RO-2");
			await addContracts(stage, "RO-3");
			const token = await stage.program(["operator"]);
			const client = createRegistryClient({ url: stage.registry.url, adminToken: token });
			return refusalOf(
				client.offerEnrollment("RO-3", { ...phone.identity, imei1: nextImei() as never, imei2: phone.identity.imei1 }),
			);
		},
	},
	{
		id: "operator-withdraws-a-bound-phone",
		source: "plan",
		attack: "A rogue operator withdraws an enrolment that a phone has confirmed, to free the IMEI",
		expected: "refused; still confirmed",
		async run(stage) {
			const { offer } = await stage.enrolled("RO-4");
			const token = await stage.program(["operator"]);
			const { status } = await stage.call("POST", `/v1/enrollments/${offer.enrollmentId}/withdraw`, { token, json: {} });
			const { state } = (await stage.registry.port.enrollmentOf("RO-4")) ?? { state: "none" };
			return `${status >= 400 ? "refused" : "withdrawn"}; still ${state}`;
		},
	},
	{
		id: "agent-orders-a-lock",
		source: "plan",
		attack:
			"A rogue agent orders a full lock of a paid-up phone, and would like not to be known for it (the phone refuses it: command-key-locks-at-once)",
		expected: "the audit log names the program",
		async run(stage) {
			await stage.enrolled("RO-5");
			const token = await stage.program(["agent"]);
			const order = { action: "restrict", level: "full", reason: "fraud", note: "because I can" } as const;
			await createAdminClient({ url: stage.registry.url, adminToken: token }).issueOrder("RO-5", order);
			const actors = await stage.registry.database.kysely
				.selectFrom("audit_log")
				.select("actor")
				.where("subject", "=", "RO-5")
				.where("action", "like", "order%")
				.execute();
			const isNamed = actors.length > 0 && actors.every(({ actor }) => actor === `program/${token.split("_")[1]}`);
			return isNamed
				? "the audit log names the program"
				: `the audit log names ${actors.map(({ actor }) => actor).join() || "nobody"}`;
		},
	},
	{
		id: "admin-approves-own-act",
		source: "plan; OWASP API5:2023",
		attack: "An administrator approves what they themselves asked for",
		expected: "asked: 200; approved by the same: 403 FORBIDDEN",
		async run({ registry }) {
			const { call } = await signIn(registry, ["admin"], { name: "Solo" });
			const request = { act: "add", name: "Second", roles: ["admin"] };
			const asked = await call("POST", "/v1/approvals", {
				kind: "people.admin",
				subject: "Second",
				request,
				reason: "I need one.",
			});
			const { approvalId, requestSha256 } = asked.body;
			const approved = await call("POST", `/v1/approvals/${approvalId}/approve`, { requestSha256 });
			return `asked: ${asked.status}; approved by the same: ${approved.status} ${approved.body?.code ?? ""}`;
		},
	},
	{
		id: "program-makes-programs",
		source: "OWASP API5:2023",
		attack: "A program with every role that programs have makes itself another token, an administrator and an approval",
		expected: "each 403 FORBIDDEN (4)",
		async run(stage) {
			const token = await stage.program(["agent", "operator", "technician", "auditor"]);
			const acts = ["/v1/programs", "/v1/people", "/v1/invitations", "/v1/approvals"];
			return each(await Promise.all(acts.map(async (path) => told(await stage.call("POST", path, { token, json: {} })))));
		},
	},
	{
		id: "audit-log-edited",
		source: "plan",
		attack: "Somebody with the database changes a line of the audit log",
		expected: "refused; its chain whole before, broken after the trigger was taken away",
		async run(stage) {
			await stage.enrolled("AUD-1");
			const { kysely } = stage.registry.database;
			const before = await findAuditBreak(kysely, "AUD-1");
			const change = kysely.updateTable("audit_log").set({ actor: "nobody" }).where("subject", "=", "AUD-1");
			const said = await change.execute().then(
				() => "changed",
				(error: unknown) => (error instanceof Error && error.message.includes("append-only") ? "refused" : "failed"),
			);
			// Whoever owns the database takes the trigger away first, as nothing can keep them from it.
			await sql`alter table audit_log disable trigger user`.execute(kysely);
			await change.execute();
			await sql`alter table audit_log enable trigger user`.execute(kysely);
			const after = await findAuditBreak(kysely, "AUD-1");
			const word = (at: number | undefined) => (at === undefined ? "whole" : "broken");
			return `${said}; its chain ${word(before)} before, ${word(after)} after the trigger was taken away`;
		},
	},
	{
		id: "database-thief-makes-codes",
		source: "SECURITY.md",
		attack: "Somebody with a copy of the database looks for a phone's code key, a borrower's code, tokens and session secrets",
		expected: "none of 4 secrets is in it",
		async run(stage) {
			const { offer } = await stage.enrolled("DB-1");
			const token = await stage.program(["auditor"]);
			const session = await signIn(stage.registry, ["auditor"]);
			const { code } = JSON.parse(
				(await stage.call("POST", "/v1/contracts/DB-1/borrower-code", { token: ADMIN_TOKEN, json: {} })).text,
			);
			const tables = await stage.registry.database.pool.query(
				"select table_name from information_schema.tables where table_schema = 'public'",
			);
			let dump = "";
			for (const { table_name: name } of tables.rows)
				dump += JSON.stringify((await stage.registry.database.pool.query(`select t::text as row from "${name}" t`)).rows);
			const secrets = [Buffer.from(offer.codeKey).toString("hex"), code.replaceAll("-", ""), token.slice(-43), session.secret];
			const found = secrets.filter((secret) => dump.includes(secret));
			if (!dump.includes("DB-1")) return "the copy is empty";
			return found.length === 0 ? `none of ${secrets.length} secrets is in it` : `${found.length} of them`;
		},
	},
	{
		id: "badge-guessing",
		source: "plan; SECURITY.md",
		attack: "Two hundred badges are guessed at a station in a minute",
		expected: "nobody (20), BADGE_TRIES_SPENT (180)",
		async run(stage) {
			const badges = await openBadges(`${stage.folder}/badges`, { clock: { nowMs: () => 0 } });
			await badges.add("Asha", "supervisor");
			const answers: string[] = [];
			for (let guess = 0; guess < 200; guess += 1)
				answers.push(
					await refusalOf(
						badges.find(`GUESS${String(guess).padStart(5, "0")}`).then((holder) => {
							if (holder) throw new Error("somebody was found");
						}),
					),
				);
			return answers
				.map((answer) => (answer === "done" ? "nobody" : answer))
				.filter((answer, at, all) => all.indexOf(answer) === at)
				.map((kind) => `${kind} (${answers.filter((answer) => (answer === "done" ? "nobody" : answer) === kind).length})`)
				.join(", ");
		},
	},
	{
		id: "station-page-without-entry",
		source: "plan",
		attack: "Another machine on the network asks the station's page for its state, events, commands and reports",
		expected: "each 401 (4)",
		run: () =>
			withStation(async (url) => {
				const ask = async (path: string, method = "GET") =>
					String(
						(
							await fetch(`${url}${path}`, {
								method,
								...(method === "POST"
									? { body: "{}", headers: { "content-type": "application/json", "idempotency-key": "12345678" } }
									: {}),
							})
						).status,
					);
				return each([
					await ask("/api/events"),
					await ask("/api/commands", "POST"),
					await ask("/api/session"),
					await ask("/metrics"),
				]);
			}),
	},
	{
		id: "station-page-from-another-site",
		source: "plan",
		attack: "A page of another site, opened in the operator's browser, sends the station a command",
		expected: "403 WRONG_ORIGIN",
		run: () =>
			withStation(async (url) => {
				const answer = await fetch(`${url}/api/commands`, {
					method: "POST",
					headers: {
						authorization: `Bearer ${STATION_TOKEN}`,
						origin: "https://evil.example",
						"sec-fetch-site": "cross-site",
						"content-type": "application/json",
						"idempotency-key": "12345678",
					},
					body: JSON.stringify({ type: "close-batch" }),
				});
				const { code } = (await answer.json()) as { code: string }; // as the station's problems say
				return `${answer.status} ${code}`;
			}),
	},
	{
		id: "station-page-entry-twice",
		source: "plan",
		attack: "The station's one-time address is opened a second time",
		expected: "let in once",
		async run() {
			const server = await startStationServer({
				station: createFakeStation(),
				pageFolder: import.meta.dirname,
				token: STATION_TOKEN,
			});
			try {
				const statuses: number[] = [];
				const cookies: boolean[] = [];
				const entry = server.entryUrl();
				for (let times = 0; times < 2; times += 1) {
					const answer = await fetch(entry, { redirect: "manual" });
					statuses.push(answer.status);
					cookies.push(answer.headers.has("set-cookie"));
				}
				return cookies[0] && !cookies[1] ? "let in once" : `cookies ${cookies.join()} with ${statuses.join()}`;
			} finally {
				await server.close();
			}
		},
	},
];
