import { createHash } from "node:crypto";
import type { RequestListener } from "node:http";

import { FaultError } from "../../provisioning/handset/fault.ts";
import type { EnrollmentOffer } from "../../provisioning/procedure/registry-port.ts";
import { createRegistryClient } from "../../provisioning/registry/clients/registry-client.ts";
import { webhookPost, webhookUrl } from "../../provisioning/station/webhook/post.ts";
import { json, offerJson, pretend } from "../provisioning/registry/clients/pretended-server.ts";
import { TestPhone } from "../provisioning/registry/test-phone.ts";
import { ADMIN_TOKEN, contractRequest, startTestRegistry } from "../provisioning/registry/test-registry.ts";
import type { Attack } from "./attack.ts";
import { each, refusalOf, type Stage } from "./stage.ts";

const SHORT_MS = 1500;

/** A registry that says what the attacker wants. */
async function pretending(handler: RequestListener, run: (url: string) => Promise<string>): Promise<string> {
	const server = await pretend(handler);
	try {
		return await run(server.url);
	} finally {
		server.close();
	}
}

async function offered(stage: Stage, contractId: string) {
	const phone = new TestPhone();
	await stage.registry.admin.createContract(contractRequest(contractId));
	return { phone, offer: await stage.registry.port.offerEnrollment(contractId, phone.identity) };
}

const clientAt = (url: string, pins?: Parameters<typeof createRegistryClient>[0]["pins"]) =>
	createRegistryClient({ url, adminToken: ADMIN_TOKEN, deadlineMs: SHORT_MS, attempts: 1, ...(pins ? { pins } : {}) });

const flipped = (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte));

/** Whoever stands in the registry's place, before a station. */
export const registryAttacks: readonly Attack[] = [
	{
		id: "registry-changes-an-offer",
		source: "plan: malicious registry to station; OWASP API10:2023",
		attack:
			"What comes between changes the binding, the terms, the consent, the code key, and takes another contract's or phone's binding",
		expected: "each REGISTRY_UNTRUSTED (6)",
		async run(stage) {
			const { phone, offer } = await offered(stage, "MR-1");
			const { offer: other } = await offered(stage, "MR-2");
			const lies: EnrollmentOffer[] = [
				{ ...offer, bindingEnvelope: flipped(offer.bindingEnvelope) },
				{ ...offer, terms: flipped(offer.terms) },
				{ ...offer, consent: flipped(offer.consent) },
				{ ...offer, codeKey: flipped(offer.codeKey) },
				{ ...other, contractId: "MR-1" },
				{ ...offer, bindingEnvelope: other.bindingEnvelope },
			];
			const told: string[] = [];
			for (const lie of lies)
				told.push(
					await pretending(json(offerJson(lie)), (url) => refusalOf(clientAt(url).offerEnrollment("MR-1", phone.identity))),
				);
			return each(told);
		},
	},
	{
		id: "registry-of-another-lender",
		source: "plan: malicious registry to station",
		attack: "Another registry, whole and with keys of its own, stands in the pinned one's place",
		expected: "REGISTRY_UNTRUSTED",
		async run(stage) {
			const thief = await startTestRegistry();
			try {
				const { offer: genuine } = await offered(stage, "MR-3");
				const phone = new TestPhone();
				await thief.admin.createContract(contractRequest("MR-4"));
				const [first = new Uint8Array()] = genuine.keySetEnvelopes;
				const pins = { firstKeySetSha256: createHash("sha256").update(first).digest("hex") };
				return await refusalOf(clientAt(thief.url, pins).offerEnrollment("MR-4", phone.identity));
			} finally {
				await thief.close();
			}
		},
	},
	{
		id: "registry-says-sealed",
		source: "plan: malicious registry to station",
		attack: "What comes between answers a check-in with another phone's reply, rubbish, nothing and an old reply",
		expected: "each REGISTRY_UNTRUSTED (4)",
		async run(stage) {
			const { phone } = await stage.enrolled("MR-5");
			const { phone: other } = await stage.enrolled("MR-6");
			const old = await stage.registry.port.relayCheckIn(await phone.checkIn());
			const foreign = await stage.registry.port.relayCheckIn(await other.checkIn());
			const told: string[] = [];
			const { text: keySets } = await stage.call("GET", "/v1/key-sets");
			for (const reply of [foreign, new Uint8Array(100).fill(7), new Uint8Array(), old]) {
				const envelope = await phone.checkIn();
				told.push(
					await pretending(
						(request, response) => {
							if (request.url?.startsWith("/v1/key-sets")) response.setHeader("content-type", "application/json").end(keySets);
							else response.setHeader("content-type", "application/x-protobuf").end(Buffer.from(reply));
						},
						(url) => refusalOf(clientAt(url).relayCheckIn(envelope)),
					),
				);
			}
			return each(told);
		},
	},
	{
		id: "registry-answers-without-end",
		source: "plan: malicious registry to station",
		attack: "A registry that answers a gigabyte, a byte each 100 ms, nothing, and leads elsewhere",
		expected: "each refused (4)",
		async run() {
			const endless: RequestListener = (_request, response) => {
				response.setHeader("content-type", "application/json");
				const more = (): void => {
					while (!response.destroyed && response.write("x".repeat(65_536)));
					if (!response.destroyed) response.once("drain", more);
				};
				more();
			};
			const slow: RequestListener = (_request, response) => {
				response.setHeader("content-type", "application/json");
				setInterval(() => response.write(" "), 100).unref();
			};
			const silent: RequestListener = () => {};
			const away: RequestListener = (_request, response) =>
				void response.writeHead(302, { location: "http://127.0.0.1:9/" }).end();
			const told: string[] = [];
			for (const handler of [endless, slow, silent, away])
				told.push(
					await pretending(handler, async (url) =>
						(await refusalOf(clientAt(url).enrollmentOf("MR-1"))) === "done" ? "taken" : "refused",
					),
				);
			return each(told);
		},
	},
	{
		id: "registry-gets-the-token",
		source: "plan: malicious registry to station",
		attack: "A registry answers with a redirect to a host of the attacker's, to be sent the station's token",
		expected: "the other host saw no token",
		run: () => {
			let seen = "no token";
			return pretending(
				(request, response) => {
					if (request.headers.authorization) seen = "a token";
					response.end("{}");
				},
				(thief) =>
					pretending(
						(_request, response) => void response.writeHead(307, { location: thief }).end(),
						async (url) => {
							await refusalOf(clientAt(url.replace("127.0.0.1", "localhost")).enrollmentOf("MR-1"));
							return `the other host saw ${seen}`;
						},
					),
			);
		},
	},
	{
		id: "registry-sends-escapes",
		source: "plan: terminal injection",
		attack: "A registry refuses with a problem whose words are terminal escapes and a megabyte",
		expected: "a fault without escapes, of 4096 units at most",
		run: () =>
			pretending(
				(_request, response) => {
					const evil = `\u001b]0;owned\u0007\u001b[2J${"x".repeat(1_000_000)}`;
					response.writeHead(409, { "content-type": "application/problem+json" }).end(
						JSON.stringify({
							type: "about:blank",
							title: evil,
							status: 409,
							code: "CONTRACT_CLOSED",
							detail: evil,
							remedy: evil,
							meaning: evil,
							details: { state: evil },
						}),
					);
				},
				async (url) => {
					const error: unknown = await clientAt(url)
						.enrollmentOf("MR-1")
						.catch((caught: unknown) => caught);
					if (!(error instanceof FaultError)) return "no fault";
					const text = JSON.stringify(error.fault);
					// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
					return `a fault ${/\\u001b|\\u0007|[\u0000-\u001f]/.test(text) ? "with" : "without"} escapes, of ${(error.fault.raw ?? "").length <= 4096 ? "4096 units at most" : "more"}`;
				},
			),
	},
	{
		id: "erp-redirects",
		source: "plan: SSRF in webhooks; OWASP API7:2023",
		attack: "The system that a station reports to redirects its signed message to a host inside, and answers without end",
		expected: "the host inside saw nothing; endless answer: 200",
		run: () => {
			let seen = "nothing";
			const message = { id: "m1", body: "{}" };
			const secrets = [new Uint8Array(32)];
			const post = (url: string) => webhookPost({ url, secrets, deadlineMs: SHORT_MS })(message, 0, AbortSignal.timeout(10_000));
			return pretending(
				(_request, response) => {
					seen = "a message";
					response.end();
				},
				(inside) =>
					pretending(
						(request, response) => {
							if (request.url === "/endless") {
								const more = (): void => {
									while (!response.destroyed && response.write("x".repeat(65_536)));
									if (!response.destroyed) response.once("drain", more);
								};
								more();
							} else response.writeHead(307, { location: inside }).end();
						},
						async (url) => {
							await post(`${url}/away`);
							const endless = await post(`${url}/endless`);
							return `the host inside saw ${seen}; endless answer: ${endless.kind === "answered" ? endless.status : endless.kind}`;
						},
					),
			);
		},
	},
	{
		id: "erp-address-forms",
		source: "plan: SSRF in webhooks",
		attack: "The station's settings name an address over http elsewhere, with a password, and of other kinds",
		expected: "each WEBHOOK_MISCONFIGURED (7)",
		async run() {
			const urls = [
				"http://10.0.0.1/hook",
				"http://localhost.evil.example/",
				"http://127.0.0.1.evil.example/",
				"https://u:p@erp.example/",
				"file:///etc/passwd",
				"ftp://erp.example/",
				"erp",
			];
			return each(await Promise.all(urls.map((url) => refusalOf((async () => webhookUrl(url))()))));
		},
	},
];
