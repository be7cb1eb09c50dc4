import { type PostPorts, post } from "../../provisioning/registry/webhooks/post.ts";
import { pretend } from "../provisioning/registry/clients/pretended-server.ts";
import { ADMIN_TOKEN } from "../provisioning/registry/test-registry.ts";
import type { Attack } from "./attack.ts";
import { each, told } from "./stage.ts";

/** Where a name leads that somebody entered as an endpoint. */
const INSIDE = [
	...["127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "224.0.0.1"],
	...["::1", "::", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254", "::ffff:7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"],
];

const asked = async (url: string, ports: PostPorts): Promise<string> => {
	const { status, why } = await post(
		{ url, body: "{}", headers: {} },
		{ deadlineMs: 10_000, ...ports },
		AbortSignal.timeout(20_000),
	);
	return status === undefined ? `not sent: ${why}` : `answered ${status}`;
};

/** Whoever may enter where the registry sends its webhooks, and whoever answers there. */
export const webhookAttacks: readonly Attack[] = [
	{
		id: "api7-webhook-to-inside",
		source: "OWASP API7:2023",
		attack: "A webhook's name leads into the registry's own network or a cloud's metadata (SSRF)",
		expected: `each not sent: the name leads to an address that is not on the Internet (${INSIDE.length})`,
		async run() {
			const resolve = (address: string) => async () => [{ address, family: address.includes(":") ? 6 : 4 }];
			return each(
				await Promise.all(
					INSIDE.map((address) => asked("https://erp.example/hook", { allowLoopback: false, resolve: resolve(address) })),
				),
			);
		},
	},
	{
		id: "api7-webhook-half-inside",
		source: "OWASP API7:2023",
		attack: "A webhook's name has a public address and a private one, so that one of two tries leads inside",
		expected: "not sent: the name leads to an address that is not on the Internet",
		run: () =>
			asked("https://erp.example/hook", {
				allowLoopback: false,
				resolve: async () => [
					{ address: "8.8.8.8", family: 4 },
					{ address: "10.0.0.1", family: 4 },
				],
			}),
	},
	{
		id: "api7-webhook-rebinding",
		source: "OWASP API7:2023",
		attack: "A webhook's name server gives another address at each question (DNS rebinding)",
		expected: "asked 1 time, then answered 204",
		async run() {
			const server = await pretend((_request, response) => response.writeHead(204).end());
			let questions = 0;
			const end = await asked(server.url.replace("127.0.0.1", "localhost"), {
				allowLoopback: true,
				resolve: async () => {
					questions += 1;
					return [{ address: questions === 1 ? "127.0.0.1" : "10.0.0.1", family: 4 }];
				},
			});
			server.close();
			return `asked ${questions} time${questions === 1 ? "" : "s"}, then ${end}`;
		},
	},
	{
		id: "api7-webhook-redirect",
		source: "OWASP API7:2023",
		attack: "A webhook's endpoint answers with a redirect to a server of the registry's own network",
		expected: "answered 307, and 0 requests there",
		async run() {
			const inside = await pretend((_request, response) => response.end("secret"));
			const outside = await pretend((_request, response) =>
				response.writeHead(307, { location: `${inside.url}/latest/meta-data` }).end(),
			);
			const end = await asked(outside.url, { allowLoopback: true });
			const result = `${end}, and ${inside.count()} requests there`;
			inside.close();
			outside.close();
			return result;
		},
	},
	{
		id: "api10-webhook-endless",
		source: "OWASP API10:2023",
		attack: "A webhook's endpoint answers without an end, with escape sequences in it",
		expected: "answered 500, kept at most 200 printable characters: true",
		async run() {
			const server = await pretend((_request, response) => {
				response.writeHead(500);
				const timer = setInterval(() => response.write("\u001b[31m<b>no</b>".repeat(1000)), 1);
				response.on("close", () => clearInterval(timer));
			});
			const { status, answer = "" } = await post(
				{ url: server.url, body: "{}", headers: {} },
				{ allowLoopback: true, deadlineMs: 10_000 },
				AbortSignal.timeout(12_000),
			);
			server.close();
			const isPlain = answer.length > 0 && answer.length <= 200 && /^[ -~]*$/.test(answer);
			return `answered ${status}, kept at most 200 printable characters: ${isPlain}`;
		},
	},
	{
		id: "api7-webhook-by-other-roads",
		source: "OWASP API7:2023",
		attack: "An administrator's token enters webhooks over http, file, ftp and data, with a password, and to this machine",
		expected: "each 400 BAD_REQUEST (7)",
		async run({ call }) {
			const urls = [
				...[
					"http://erp.example/x",
					"file:///etc/passwd",
					"ftp://erp.example/x",
					"data:text/plain,x",
					"https://u:p@erp.example/x",
				],
				...["http://127.0.0.1:8080/x", "https://erp.example/#x"],
			];
			const enter = (url: string) => call("POST", "/v1/webhooks", { token: ADMIN_TOKEN, json: { url, name: "n" } });
			return each(await Promise.all(urls.map(async (url) => told(await enter(url)))));
		},
	},
	{
		id: "api5-webhook-by-a-program",
		source: "OWASP API5:2023",
		attack: "A station's, an agent's and an auditor's program enter a webhook of their own, to hear of every contract",
		expected: "each 403 FORBIDDEN (3)",
		async run({ call, program }) {
			const tokens = await Promise.all([program(["operator"], "st-hook"), program(["agent"]), program(["auditor"])]);
			const enter = (token: string) =>
				call("POST", "/v1/webhooks", { token, json: { url: "https://evil.example/x", name: "mine" } });
			return each(await Promise.all(tokens.map(async (token) => told(await enter(token)))));
		},
	},
];
