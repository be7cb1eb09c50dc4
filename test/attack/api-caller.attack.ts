import { toBase64 } from "../../provisioning/registry/base64.ts";
import { signIn } from "../provisioning/registry/access/signed-in.ts";
import { ADMIN_TOKEN, contractRequest, nextImei } from "../provisioning/registry/test-registry.ts";
import { borrowerOf, filled, routesOf } from "./api-requests.ts";
import type { Attack } from "./attack.ts";
import { each, refusalOf, told } from "./stage.ts";

/** Written by hand: what anybody may ask. Everything else has to refuse somebody without a token. */
const FOR_ANYBODY = [
	...[
		"/v1/device/check-in",
		"/v1/imei/{imei}",
		"/v1/key-sets",
		"/healthz",
		"/readyz",
		"/v1/imei/possession",
		"/v1/certificates/{id}",
	],
	...["/v1/borrower/session", "/v1/sign-in/methods", "/v1/session/passkey/options", "/v1/session/passkey/verify"],
	...[
		"/v1/invitations/open",
		"/v1/invitations/accept",
		"/v1/session/oidc/start",
		"/v1/session/oidc/callback",
		"/v1/payments/webhook",
	],
];

/** Whoever calls the registry's API as somebody they are not, by OWASP's list of 2023. */
export const apiCallerAttacks: readonly Attack[] = [
	{
		id: "api1-other-contract-with-own-code",
		source: "OWASP API1:2023",
		attack: "A borrower opens a neighbour's contract with the code of their own",
		expected: "each 401 UNAUTHORIZED (2)",
		async run(stage) {
			await stage.enrolled("A1-1");
			await stage.enrolled("A1-2");
			const own = await borrowerOf(stage, "A1-1");
			await borrowerOf(stage, "A1-2");
			const tries = [];
			for (const contractId of ["A1-2", "a1-1"])
				tries.push(told(await stage.call("POST", "/v1/borrower/session", { json: { contractId, code: own.code } })));
			return each(tries);
		},
	},
	{
		id: "api1-borrower-token-at-staff-routes",
		source: "OWASP API1:2023",
		attack: "A borrower's token asks the lender's side for other contracts",
		expected: "each 401 UNAUTHORIZED (5)",
		async run(stage) {
			await stage.enrolled("A1-3");
			const { token } = await borrowerOf(stage, "A1-3");
			const paths = ["/v1/contracts", "/v1/contracts/A1-1", "/v1/contracts/A1-1/orders", "/v1/contracts/search", "/v1/fleet"];
			return each(await Promise.all(paths.map(async (path) => told(await stage.call("GET", path, { token })))));
		},
	},
	{
		id: "api1-receipt-for-another-enrolment",
		source: "OWASP API1:2023",
		attack: "The receipt of one phone confirms the enrolment of another",
		expected: "refused; the other stays offered",
		async run(stage) {
			const { receipt } = await stage.enrolled("A1-5");
			await stage.registry.admin.createContract(contractRequest("A1-6"));
			const other = await stage.registry.port.offerEnrollment("A1-6", {
				imei1: nextImei() as never,
				serial: "S-A1-6",
				model: "X",
			});
			const code = await refusalOf(stage.registry.port.confirmEnrollment(other.enrollmentId, receipt, new Uint8Array()));
			const { state } = (await stage.registry.port.enrollmentOf("A1-6")) ?? { state: "none" };
			return `${code === "done" ? "confirmed" : "refused"}; the other stays ${state}`;
		},
	},
	{
		id: "api2-tokens-of-every-wrong-kind",
		source: "OWASP API2:2023",
		attack: "Empty, cut, doubled, basic, wrong-case and made-up tokens, and one in the query",
		expected: "each 401 UNAUTHORIZED (8)",
		async run(stage) {
			const ask = async (headers: Record<string, string>, query = "") =>
				told(await stage.call("GET", `/v1/contracts${query}`, { headers }));
			return each(
				await Promise.all([
					ask({}),
					ask({ authorization: "Bearer " }),
					ask({ authorization: `Bearer ${ADMIN_TOKEN.slice(0, -1)}` }),
					ask({ authorization: `Bearer ${ADMIN_TOKEN}${ADMIN_TOKEN}` }),
					ask({ authorization: `Basic ${Buffer.from(`admin:${ADMIN_TOKEN}`).toString("base64")}` }),
					ask({ authorization: `Bearer ${ADMIN_TOKEN.toUpperCase()}` }),
					ask({ authorization: `Bearer hfp_${"0".repeat(20)}_${"A".repeat(43)}` }),
					ask({}, `?access_token=${ADMIN_TOKEN}&token=${ADMIN_TOKEN}`),
				]),
			);
		},
	},
	{
		id: "api2-borrower-code-guessing",
		source: "OWASP API2:2023",
		attack: "Thirty guesses of a borrower's code in a row",
		expected: "stopped by 429 within 30 guesses; none let in",
		async run(stage) {
			await stage.registry.admin.createContract(contractRequest("A2-1"));
			const answers = [];
			for (let guess = 0; guess < 30; guess += 1)
				answers.push(
					await stage.call("POST", "/v1/borrower/session", {
						from: "203.0.113.1",
						json: { contractId: "A2-1", code: `${"0".repeat(10)}${String(guess).padStart(2, "0")}` },
					}),
				);
			const stopped = answers.some(({ status }) => status === 429);
			const isLetIn = answers.some(({ status }) => status < 300);
			return `${stopped ? "stopped by 429 within 30 guesses" : `never stopped: ${each(answers.map(told))}`}; ${isLetIn ? "let in" : "none let in"}`;
		},
	},
	{
		id: "api2-cross-site-request",
		source: "OWASP API2:2023",
		attack: "Another site's page sends a request with the administrator's cookie (CSRF)",
		expected: "each 403 WRONG_ORIGIN (3)",
		async run({ registry }) {
			const { call } = await signIn(registry, ["admin"]);
			const post = async (headers: Record<string, string | undefined>) => {
				const { status, body } = await call("POST", "/v1/contracts", contractRequest("A2-X"), headers);
				return `${status} ${body?.code ?? ""}`;
			};
			return each([
				await post({ origin: "https://evil.example", "sec-fetch-site": "cross-site" }),
				await post({ "x-holdfast-request": undefined }),
				await post({ origin: undefined, "sec-fetch-site": undefined, "x-holdfast-request": undefined }),
			]);
		},
	},
	{
		id: "api2-dns-rebinding",
		source: "OWASP API2:2023",
		attack: "A name of the attacker leads to the registry, and its page asks with the visitor's cookie",
		expected: "refused WRONG_HOST",
		async run({ registry }) {
			const { call } = await signIn(registry, ["admin"]);
			const { body } = await call("GET", "/v1/session", undefined, { host: "evil.example", origin: "http://evil.example" });
			return `refused ${body?.code ?? "not at all"}`;
		},
	},
	{
		id: "api2-session-after-sign-out",
		source: "OWASP API2:2023",
		attack: "A copied session cookie is used after its owner signed out",
		expected: "200 before, 401 after",
		async run({ registry }) {
			const { call } = await signIn(registry, ["auditor"]);
			const before = (await call("GET", "/v1/session")).status;
			await call("DELETE", "/v1/session", {});
			return `${before} before, ${(await call("GET", "/v1/session")).status} after`;
		},
	},
	{
		id: "api3-mass-assignment",
		source: "OWASP API3:2023",
		attack: "Members that only the registry sets are sent with a contract, a payment and a program",
		expected: "each 400 BAD_REQUEST (4)",
		async run(stage) {
			await stage.registry.admin.createContract(contractRequest("A3-1"));
			const post = async (path: string, json: unknown) => told(await stage.call("POST", path, { token: ADMIN_TOKEN, json }));
			return each([
				await post("/v1/contracts", { ...contractRequest("A3-2"), state: "paid", paidMinor: 3000 }),
				await post("/v1/contracts/A3-1/payments", { reference: "r", amountMinor: 1, receivedAt: 0, by: "admin" }),
				await post("/v1/contracts/A3-1/orders", { action: "restore", reason: "other", note: "x", sequence: 99, epoch: 9 }),
				await post("/v1/programs", { name: "P", roles: ["operator"], isAdmin: true }),
			]);
		},
	},
	{
		id: "api3-imei-status-says-little",
		source: "OWASP API3:2023",
		attack: "Anybody asks what the registry knows of a phone by its IMEI",
		expected: "nothing of contract, device, person or amount",
		async run(stage) {
			const { phone, offer } = await stage.enrolled("A3-SECRET-9");
			const { text } = await stage.call("GET", `/v1/imei/${phone.identity.imei1}`);
			const secrets = ["A3-SECRET-9", offer.deviceId, phone.identity.serial, "1000", "3000", "00-1001"];
			const seen = secrets.filter((secret) => text.includes(secret));
			return seen.length === 0 ? "nothing of contract, device, person or amount" : `told ${seen.join(", ")}`;
		},
	},
	{
		id: "api3-secrets-in-answers",
		source: "OWASP API3:2023",
		attack: "An operator reads every answer about a contract for the release secret, code keys and tokens",
		expected: "no secret in 4 answers",
		async run(stage) {
			const { offer } = await stage.enrolled("A3-3");
			const { code } = JSON.parse(
				(await stage.call("POST", "/v1/contracts/A3-3/borrower-code", { token: ADMIN_TOKEN, json: {} })).text,
			);
			const token = await stage.program(["operator", "auditor"]);
			const key = toBase64(offer.codeKey);
			const paths = [
				"/v1/contracts/A3-3",
				"/v1/contracts/A3-3/story",
				"/v1/contracts/A3-3/papers",
				"/v1/enrollments?contract=A3-3",
			];
			const texts = await Promise.all(paths.map(async (path) => stage.call("GET", path, { token })));
			if (texts.some(({ status }) => status !== 200)) return each(texts.map(told));
			const leaks = texts.filter(({ text }) =>
				[key, Buffer.from(offer.codeKey).toString("hex"), code, token].some((secret) => text.includes(secret)),
			);
			return `${leaks.length === 0 ? "no" : leaks.length} secret in ${texts.length} answers`;
		},
	},
	{
		id: "api5-operator-at-every-other-route",
		source: "OWASP API5:2023",
		attack: "An operator's token at orders, codes, payments, fleet, people, programs, keys and exports",
		expected: "each 403 FORBIDDEN (18)",
		async run(stage) {
			await stage.registry.admin.createContract(contractRequest("A5-1"));
			const token = await stage.program(["operator"]);
			const acts: readonly (readonly [string, string])[] = [
				...["orders", "codes", "payments", "payoff", "release", "release-code", "escrow", "rebind", "return"].map(
					(act) => ["POST", `/v1/contracts/A5-1/${act}`] as const,
				),
				...[
					"/v1/fleet/settings",
					"/v1/fleet/extend",
					"/v1/people",
					"/v1/programs",
					"/v1/attestation/settings",
					"/v1/payments/import",
				].map((path) => ["POST", path] as const),
				...["/v1/people", "/v1/contracts/search", "/v1/fleet"].map((path) => ["GET", path] as const),
			];
			return each(
				await Promise.all(
					acts.map(async ([method, path]) =>
						told(await stage.call(method, path, { token, ...(method === "POST" ? { json: {} } : {}) })),
					),
				),
			);
		},
	},
	{
		id: "api5-auditor-changes",
		source: "OWASP API5:2023",
		attack: "An auditor's token books, orders, releases and withdraws",
		expected: "each 403 FORBIDDEN (5)",
		async run(stage) {
			await stage.registry.admin.createContract(contractRequest("A5-2"));
			const token = await stage.program(["auditor"]);
			const acts = [
				"/v1/contracts/A5-2/payments",
				"/v1/contracts/A5-2/orders",
				"/v1/contracts/A5-2/payoff",
				"/v1/contracts/A5-2/release",
				"/v1/contracts",
			];
			return each(await Promise.all(acts.map(async (path) => told(await stage.call("POST", path, { token, json: {} })))));
		},
	},
	{
		id: "api9-every-route-without-a-token",
		source: "OWASP API9:2023",
		attack: "Every route that the registry has is called by nobody",
		expected: "none open by being forgotten",
		async run(stage) {
			const routes = (await routesOf(stage)).filter(({ path }) => !FOR_ANYBODY.includes(path));
			const open: string[] = [];
			for (const { path, method } of routes) {
				const answer = await stage.call(method, filled(path), method === "GET" || method === "DELETE" ? {} : { json: {} });
				if (answer.status !== 401) open.push(`${method} ${path} ${told(answer)}`);
			}
			if (routes.length < 60) return `only ${routes.length} routes were found`;
			return open.length === 0 ? "none open by being forgotten" : open.join(", ");
		},
	},
];
