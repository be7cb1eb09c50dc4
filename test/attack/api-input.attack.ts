import { FaultError } from "../../provisioning/handset/fault.ts";
import { fetchList } from "../../provisioning/registry/attestation/fetch-list.ts";
import { signatureHeaders } from "../../provisioning/registry/webhooks/webhook-signature.ts";
import { signIn } from "../provisioning/registry/access/signed-in.ts";
import { ADMIN_TOKEN, contractRequest, START } from "../provisioning/registry/test-registry.ts";
import { borrowerOf, filled, routesOf } from "./api-requests.ts";
import type { Attack } from "./attack.ts";
import { each, told } from "./stage.ts";

const JUNK: readonly unknown[] = [
	...[null, [], "", 0, { __proto__: 1 }, { contractId: { $gt: "" } }, { contractId: "' OR 1=1 --" }, { a: "\0" }],
	...[{ contractId: "x".repeat(70_000) }, [[[[[[]]]]]], { amountMinor: 1e308 }, { amountMinor: -1 }, { roles: ["admin"] }],
];

async function fetched(url: string, address: string): Promise<string> {
	let connected = 0;
	const result = await fetchList(new URL(url), {
		deadlineMs: 10_000,
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

/** Whoever sends the registry what no client of ours sends. */
export const apiInputAttacks: readonly Attack[] = [
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
