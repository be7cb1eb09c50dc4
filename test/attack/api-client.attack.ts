import { connect } from "node:net";

import { requestNumber } from "../../proto/request-number.ts";
import { FaultError } from "../../provisioning/handset/fault.ts";
import { fetchList } from "../../provisioning/registry/attestation/fetch-list.ts";
import { toBase64 } from "../../provisioning/registry/base64.ts";
import { signatureHeaders } from "../../provisioning/registry/webhook-signature.ts";
import { signIn } from "../provisioning/registry/access/signed-in.ts";
import { ADMIN_TOKEN, contractRequest, nextImei, START } from "../provisioning/registry/test-registry.ts";
import type { Attack } from "./attack.ts";
import { each, refusalOf, type Stage, told } from "./stage.ts";

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
const JUNK: readonly unknown[] = [
	...[null, [], "", 0, { __proto__: 1 }, { contractId: { $gt: "" } }, { contractId: "' OR 1=1 --" }, { a: "\0" }],
	...[{ contractId: "x".repeat(70_000) }, [[[[[[]]]]]], { amountMinor: 1e308 }, { amountMinor: -1 }, { roles: ["admin"] }],
];

async function borrowerOf(stage: Stage, contractId: string): Promise<{ token: string; code: string }> {
	const { code } = JSON.parse(
		(await stage.call("POST", `/v1/contracts/${contractId}/borrower-code`, { token: ADMIN_TOKEN, json: {} })).text,
	);
	const { token } = JSON.parse((await stage.call("POST", "/v1/borrower/session", { json: { contractId, code } })).text);
	return { token, code };
}

interface Route {
	readonly path: string;
	readonly method: string;
}

async function routesOf(stage: Stage): Promise<Route[]> {
	const { paths }: { paths: Record<string, Record<string, unknown>> } = JSON.parse(
		(await stage.call("GET", "/openapi.json")).text,
	);
	return Object.entries(paths).flatMap(([path, methods]) =>
		Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() })),
	);
}

const filled = (path: string) => path.replace(/\{imei\}/g, "490154203237518").replace(/\{\w+\}/g, "x");

async function fetched(url: string, address: string): Promise<string> {
	let connected = 0;
	const result = await fetchList(new URL(url), {
		deadlineMs: 2000,
		resolve: async () => [{ address, family: address.includes(":") ? 6 : 4 }],
		request: (() => {
			connected += 1;
			throw new Error("it connected");
		}) as never, // nobody may come as far as calling it
	}).then(
		() => "fetched",
		(error: unknown) => (error instanceof Error && error.name === "TrustError" ? "refused" : "threw"),
	);
	return connected > 0 ? "connected" : result;
}

/** Whoever talks to the registry's API, row by row of OWASP's list of 2023. */
export const apiClientAttacks: readonly Attack[] = [
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
		id: "api4-large-bodies",
		source: "OWASP API4:2023",
		attack: "Bodies of a megabyte, nested ten thousand deep, and a check-in of a megabyte",
		expected: "413 TOO_LARGE, 400 BAD_REQUEST, 413 TOO_LARGE; answers after it: 200",
		async run(stage) {
			const json = { "content-type": "application/json" };
			const big = await stage.call("POST", "/v1/contracts", {
				token: ADMIN_TOKEN,
				body: `{"a":"${"x".repeat(1e6)}"}`,
				headers: json,
			});
			const deep = await stage.call("POST", "/v1/contracts", {
				token: ADMIN_TOKEN,
				body: "[".repeat(10_000) + "]".repeat(10_000),
				headers: json,
			});
			const checkIn = await stage.call("POST", "/v1/device/check-in", {
				body: new Uint8Array(1e6),
				headers: { "content-type": "application/x-protobuf" },
			});
			const after = await stage.call("GET", "/healthz");
			return `${told(big)}, ${told(deep)}, ${told(checkIn)}; answers after it: ${after.status}`;
		},
	},
	{
		id: "api4-endless-pages",
		source: "OWASP API4:2023",
		attack: "Lists are asked for a million rows, minus one row and no number of rows",
		expected: "each 400 BAD_REQUEST (6)",
		async run(stage) {
			const asked = ["/v1/contracts", "/v1/contracts/search"].flatMap((path) =>
				["1000000", "-1", "x"].map((limit) => `${path}?limit=${limit}`),
			);
			return each(await Promise.all(asked.map(async (path) => told(await stage.call("GET", path, { token: ADMIN_TOKEN })))));
		},
	},
	{
		id: "api4-slow-client",
		source: "OWASP API4:2023",
		attack: "Two hundred connections that send a byte and wait (slow loris), and one honest client",
		expected: "the honest client is answered 200",
		async run({ registry, call }) {
			const { port } = new URL(registry.url);
			const sockets = Array.from({ length: 200 }, () => {
				const socket = connect(Number(port), "127.0.0.1");
				socket.on("error", () => {});
				socket.write("POST /v1/device/check-in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nX");
				return socket;
			});
			const { status } = await call("GET", "/healthz");
			for (const socket of sockets) socket.destroy();
			return `the honest client is answered ${status}`;
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
		id: "api6-imei-enumeration",
		source: "OWASP API6:2023",
		attack: "One address asks for IMEI after IMEI, to list every financed phone",
		expected: "stopped by 429 within 400 questions",
		async run({ call }) {
			for (let asked = 1; asked <= 400; asked += 1) {
				const { status } = await call("GET", `/v1/imei/${nextImei()}`);
				if (status === 429) return "stopped by 429 within 400 questions";
				if (status !== 200) return `answered ${status}`;
			}
			return "answered 400 times";
		},
	},
	{
		id: "api6-possession-guessing",
		source: "OWASP API6:2023",
		attack: "Somebody guesses the number on a phone's screen, to be told that it is the one in their hand",
		expected: "stopped by 429 within 20 guesses; never told yes",
		async run(stage) {
			const { phone } = await stage.enrolled("A6-1");
			const answers = [];
			for (let guess = 0; guess < 20; guess += 1)
				answers.push(
					await stage.call("POST", "/v1/imei/possession", {
						json: { imei: phone.identity.imei1, requestNumber: requestNumber({ counter: 9000 + guess, nonce: guess }) },
					}),
				);
			const yes = answers.some(({ text }) => JSON.parse(text).inHand === "same");
			return `${answers.some(({ status }) => status === 429) ? "stopped by 429 within 20 guesses" : each(answers.map(told))}; ${yes ? "told yes" : "never told yes"}`;
		},
	},
	{
		id: "api7-list-from-inside",
		source: "OWASP API7:2023",
		attack: "The attestation list is to be fetched from the machine itself, its network or a cloud's metadata (SSRF)",
		expected: "each refused (12)",
		async run() {
			const inside = [
				"127.0.0.1",
				"10.0.0.1",
				"169.254.169.254",
				"192.168.1.1",
				"100.64.0.1",
				"0.0.0.0",
				"::1",
				"fe80::1",
				"fd00::1",
				"::ffff:127.0.0.1",
				"64:ff9b::7f00:1",
			];
			const byName = await Promise.all(inside.map((address) => fetched("https://lists.example/status", address)));
			return each([...byName, await fetched("https://[::1]/x", "8.8.8.8")]);
		},
	},
	{
		id: "api7-list-by-other-roads",
		source: "OWASP API7:2023",
		attack: "The attestation list is asked for over http, file, ftp and data, and with a password in the address",
		expected: "each refused (5)",
		async run() {
			const urls = [
				"http://lists.example/x",
				"file:///etc/passwd",
				"ftp://lists.example/x",
				"data:application/json,[]",
				"https://u:p@lists.example/x",
			];
			return each(await Promise.all(urls.map((url) => fetched(url, "8.8.8.8"))));
		},
	},
	{
		id: "api8-headers-and-errors",
		source: "OWASP API8:2023",
		attack: "Answers are looked at for what a hardened server does not say, and does not leave out",
		expected: "nosniff, no-store, no framing, no cross-origin, no server name, no stack",
		async run({ call }) {
			const { headers, text } = await call("POST", "/v1/contracts", {
				token: ADMIN_TOKEN,
				body: "{",
				headers: { "content-type": "application/json", origin: "https://evil.example" },
			});
			const found = [
				headers.get("x-content-type-options") === "nosniff" ? "nosniff" : "sniffing",
				headers.get("cache-control") === "no-store" ? "no-store" : "cached",
				headers.get("content-security-policy")?.includes("frame-ancestors 'none'") ? "no framing" : "framing",
				headers.get("access-control-allow-origin") === null ? "no cross-origin" : "cross-origin",
				headers.get("server") === null && headers.get("x-powered-by") === null ? "no server name" : "server name",
				/\bat .*\.ts|node_modules|SELECT /.test(text) ? "a stack" : "no stack",
			];
			return found.join(", ");
		},
	},
	{
		id: "api8-preflight",
		source: "OWASP API8:2023",
		attack: "A browser asks on behalf of another site whether it may (CORS preflight)",
		expected: "never allowed (3)",
		async run({ call }) {
			const headers = {
				origin: "https://evil.example",
				"access-control-request-method": "POST",
				"access-control-request-headers": "authorization",
			};
			const answers = await Promise.all(
				["/v1/contracts", "/v1/borrower/session", "/v1/session"].map((path) => call("OPTIONS", path, { headers })),
			);
			const allowed = answers.filter((answer) => answer.headers.get("access-control-allow-origin") !== null);
			return allowed.length === 0 ? `never allowed (${answers.length})` : `allowed (${allowed.length})`;
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
	{
		id: "api10-junk-at-every-route",
		source: "OWASP API10:2023",
		attack: "Every route gets bodies that no client of ours sends: types, signs, lengths, prototypes, SQL",
		expected: "no answer of 500 or more",
		async run(stage) {
			const routes = (await routesOf(stage)).filter(({ method }) => method !== "GET");
			const broken = new Set<string>();
			for (const { path, method } of routes)
				for (const json of JUNK) {
					const { status } = await stage.call(method, filled(path), { token: ADMIN_TOKEN, json });
					if (status >= 500) broken.add(`${method} ${path} ${status}`);
				}
			return broken.size === 0 ? "no answer of 500 or more" : [...broken].join(", ");
		},
	},
	{
		id: "sql-in-every-parameter",
		source: "OWASP A03:2021",
		attack: "SQL, null bytes and broken escapes in paths and queries",
		expected: "no answer of 500 or more; every contract is still there",
		async run(stage) {
			await stage.registry.admin.createContract(contractRequest("SQL-1"));
			const nasty = [
				"'%20OR%201=1--",
				"x';DROP%20TABLE%20contracts;--",
				"%00",
				"%ff",
				"%u0000",
				"..%2f..%2fetc%2fpasswd",
				"__proto__",
				"%F0%9F%98%80",
			];
			const routes = (await routesOf(stage)).filter(({ method }) => method === "GET");
			const broken = new Set<string>();
			for (const { path } of routes)
				for (const value of nasty) {
					const asked = path.includes("{") ? path.replace(/\{\w+\}/g, value) : `${path}?q=${value}&after=${value}&text=${value}`;
					const { status } = await stage.call("GET", asked, { token: ADMIN_TOKEN });
					if (status >= 500) broken.add(`${asked} ${status}`);
				}
			const kept = (await stage.registry.admin.getContract("SQL-1")).contractId === "SQL-1";
			return `${broken.size === 0 ? "no answer of 500 or more" : [...broken].join(", ")}; ${kept ? "every contract is still there" : "a contract is gone"}`;
		},
	},
	{
		id: "null-characters-in-texts",
		source: "OWASP API8:2023",
		attack: "Texts that people write hold U+0000, halves of characters and ten thousand emoji",
		expected: "no answer of 500 or more in 15",
		async run(stage) {
			await stage.enrolled("NUL-1");
			const { token } = await borrowerOf(stage, "NUL-1");
			const { call } = await signIn(stage.registry, ["admin"]);
			const answers: number[] = [];
			for (const text of ["a\u0000b", "\ud800x", "\u{1f600}".repeat(10_000)]) {
				const { terms, ...rest } = contractRequest(`NUL-${answers.length + 2}`);
				answers.push(
					(
						await stage.call("POST", "/v1/contracts", {
							token: ADMIN_TOKEN,
							json: { ...rest, terms: { ...terms, lenderName: text } },
						})
					).status,
				);
				answers.push(
					(
						await stage.call("POST", "/v1/contracts/NUL-1/orders", {
							token: ADMIN_TOKEN,
							json: { action: "restore", reason: "other", note: text },
						})
					).status,
				);
				answers.push((await stage.call("POST", "/v1/borrower/disputes", { token, json: { text } })).status);
				answers.push((await call("POST", "/v1/people", { name: text, roles: ["auditor"] })).status);
				answers.push(
					(await stage.call("POST", "/v1/programs", { token: ADMIN_TOKEN, json: { name: text, roles: ["auditor"] } })).status,
				);
			}
			const broken = answers.filter((status) => status >= 500);
			return broken.length === 0 ? `no answer of 500 or more in ${answers.length}` : each(answers.map(String));
		},
	},
	{
		id: "webhook-forged",
		source: "plan",
		attack: "Payments are posted with no signature, another key's, a cut one, and an hour-old one",
		expected: "each 401 UNAUTHORIZED (4); nothing booked",
		async run(stage) {
			await stage.registry.admin.createContract(contractRequest("W-1"));
			const body = JSON.stringify({ type: "payment.received", data: { contractId: "W-1", reference: "w", amountMinor: 1000 } });
			const sign = (secret: Uint8Array, at: number) => signatureHeaders({ id: "m1", body }, at * 1000, [secret]);
			const good = sign(stage.paymentSecret, START);
			const tries = [
				{},
				sign(new Uint8Array(32), START),
				{ ...good, "webhook-signature": (good["webhook-signature"] ?? "").slice(0, -8) },
				sign(stage.paymentSecret, START - 3600),
			];
			const answers = [];
			for (const headers of tries)
				answers.push(
					told(
						await stage.call("POST", "/v1/payments/webhook", {
							body,
							headers: { "content-type": "application/json", ...headers },
						}),
					),
				);
			const { paidMinor } = await stage.registry.admin.getContract("W-1");
			return `${each(answers)}; ${paidMinor === 0 ? "nothing booked" : "booked"}`;
		},
	},
	{
		id: "payment-twice",
		source: "plan",
		attack: "One payment is sent ten times at once, to pay off a contract with one instalment",
		expected: "paid 1000 of 3000",
		async run({ registry }) {
			await registry.admin.createContract(contractRequest("PAY-1"));
			await Promise.all(
				Array.from({ length: 10 }, () =>
					registry.admin.recordPayment("PAY-1", { reference: "same", amountMinor: 1000 }).catch((error: unknown) => {
						if (!(error instanceof FaultError)) throw error;
					}),
				),
			);
			return `paid ${(await registry.admin.getContract("PAY-1")).paidMinor} of 3000`;
		},
	},
];
