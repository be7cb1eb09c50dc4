import { createProvider } from "../../provisioning/registry/access/provider.ts";
import { createProviderFetch } from "../../provisioning/registry/access/provider-fetch.ts";
import { CLIENT } from "../provisioning/registry/access/fake-provider.ts";
import { walkThrough } from "../provisioning/registry/access/provider-walk.ts";
import { pretend } from "../provisioning/registry/clients/pretended-server.ts";
import { ADMIN_TOKEN } from "../provisioning/registry/test-registry.ts";
import type { Attack } from "./attack.ts";
import { each, type Stage } from "./stage.ts";

const CALLBACK = "https://holdfast.lender.example/v1/session/oidc/callback";

type Walk = Awaited<ReturnType<typeof walkThrough>>;

const invite = async ({ call }: Stage, email: string) => {
	const { status } = await call("POST", "/v1/people", { token: ADMIN_TOKEN, json: { name: "Ana", roles: ["agent"], email } });
	if (status !== 200) throw new Error(`no invitation: ${status}`);
};

/** Somebody who is invited and comes for the first time; each with an email and subject of their own. */
const invited = async (stage: Stage, name: string) => {
	const claims = { sub: name, email: `${name}@lender.example`, email_verified: true };
	await invite(stage, claims.email);
	return claims;
};

/** `let in`, or what the browser is told. A session beside a problem would be a hole, and is said. */
const seen = ({ location, who }: Pick<Walk, "location" | "who">) => {
	const problem = String(location).split("#problem=")[1];
	if (problem === undefined) return who === undefined ? "led on without a session" : "let in";
	return who === undefined ? problem : `${problem}, but with a session`;
};

const told = ({ headers }: Awaited<ReturnType<Walk["arrive"]>>) =>
	seen({ location: headers["location"], who: /__Host-holdfast=[^;]/.test(String(headers["set-cookie"])) ? {} : undefined });

/** Whoever stands in the place of the lender's identity provider, or between it and somebody who signs in. */
export const providerAttacks: readonly Attack[] = [
	{
		id: "oidc-forged-id-token",
		source: "OpenID Connect Core 3.1.3.7; plan",
		attack: "An ID token of another key, of none (alg none), for another client, of another issuer, over, and of another nonce",
		expected: "the provider's own: let in; each PROVIDER_REFUSED (6)",
		async run(stage) {
			const { registry, provider } = stage;
			const claims = await invited(stage, "forged");
			const honest = seen(await walkThrough(registry, provider, claims));
			const answers: string[] = [];
			for (const signing of ["forged", "none"] as const) {
				provider.signing = signing;
				answers.push(seen(await walkThrough(registry, provider, claims)));
			}
			provider.signing = "right";
			for (const wrong of [{ aud: "other" }, { iss: "https://evil.example" }, { exp: 1 }, { nonce: "x" }])
				answers.push(seen(await walkThrough(registry, provider, { ...claims, ...wrong })));
			return `the provider's own: ${honest}; ${each(answers)}`;
		},
	},
	{
		id: "oidc-login-csrf",
		source: "RFC 9700 2.1; RFC 6749 10.12",
		attack: "Somebody's browser is led to a callback with the code and state of the attacker's own sign-in (login CSRF)",
		expected:
			"in the middle of a sign-in: PROVIDER_REFUSED; the code alone: PROVIDER_REFUSED; at rest: TOO_LATE; codes exchanged: 0",
		async run(stage) {
			const { registry, provider } = stage;
			const claims = await invited(stage, "mallory");
			const before = provider.exchanges;
			/** The attacker goes as far as the callback, and keeps its address instead of opening it. */
			const kept = async () => {
				let address = new URL("https://nowhere.example");
				await walkThrough(registry, provider, claims, (back) => {
					address = new URL(back);
					back.search = "";
				});
				return address;
			};
			const [own, second] = [await kept(), await kept()];
			const middle = await walkThrough(registry, provider, claims, (back) => {
				back.search = own.search;
			});
			const codeAlone = await walkThrough(registry, provider, claims, (back) =>
				back.searchParams.set("code", second.searchParams.get("code") ?? ""),
			);
			const third = await kept();
			const rest = await walkThrough(registry, provider, claims, (back) => {
				back.search = third.search;
			});
			return `in the middle of a sign-in: ${seen(middle)}; the code alone: ${seen(codeAlone)}; at rest: ${told(await rest.arrive(""))}; codes exchanged: ${provider.exchanges - before}`;
		},
	},
	{
		id: "oidc-code-replayed",
		source: "RFC 9700 2.1.1; RFC 6749 10.5",
		attack: "A callback that somebody was let in by is opened again, and its code is used in a sign-in of the thief's own",
		expected: "let in once; again: TOO_LATE; in another sign-in: PROVIDER_REFUSED; codes exchanged: 1",
		async run(stage) {
			const { registry, provider } = stage;
			const claims = await invited(stage, "replayed");
			const before = provider.exchanges;
			const first = await walkThrough(registry, provider, claims);
			const again = told(await first.arrive());
			const other = await walkThrough(registry, provider, claims, (back) =>
				back.searchParams.set("code", first.back.searchParams.get("code") ?? ""),
			);
			const once = seen(first) === "let in" ? "let in once" : seen(first);
			return `${once}; again: ${again}; in another sign-in: ${seen(other)}; codes exchanged: ${provider.exchanges - before}`;
		},
	},
	{
		id: "oidc-not-invited",
		source: "plan",
		attack:
			"The provider vouches for nobody who was invited: no email, a stranger's, an invited one not verified, and one that is another subject's",
		expected: "each SIGN_IN_REFUSED (5)",
		async run(stage) {
			const { registry, provider } = stage;
			const known = await invited(stage, "known");
			await invite(stage, "open@lender.example");
			await walkThrough(registry, provider, known);
			const answers: string[] = [];
			for (const claims of [
				{},
				{ email: "eve@evil.example", email_verified: true },
				{ email: "open@lender.example" },
				{ email: "open@lender.example", email_verified: "true" },
				{ email: known.email, email_verified: true },
			])
				answers.push(seen(await walkThrough(registry, provider, { sub: "eve", ...claims })));
			return each(answers);
		},
	},
	{
		id: "oidc-metadata-names-inner-address",
		source: "OWASP API7:2023",
		attack:
			"The provider's metadata names the registry's own network as the place for codes, the client's secret and keys (SSRF)",
		expected: "each refused (8); 0 requests inside, codes exchanged: 2",
		async run({ provider }) {
			const inside = await pretend((_request, response) => response.end("{}"));
			const settings = { issuer: provider.issuer, name: "Lender ID", ...CLIENT };
			const before = provider.exchanges;
			const answers: string[] = [];
			const tls = inside.url.replace("http:", "https:");
			for (const [member, places] of [
				[
					"token_endpoint",
					[inside.url, tls, "https://169.254.169.254/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://localhost/"],
				],
				["jwks_uri", [inside.url, tls]],
			] as const)
				for (const place of places) {
					provider.metadata = { [member]: place };
					const asked = createProvider(settings);
					const { url, attempt } = await asked.begin(CALLBACK);
					const back = (await fetch(url, { redirect: "manual" })).headers.get("location") ?? "";
					provider.claims = { sub: "inner" };
					answers.push(
						await asked.finish(new URL(back), attempt).then(
							() => "let in",
							() => "refused",
						),
					);
				}
			provider.metadata = {};
			inside.close();
			return `${each(answers)}; ${inside.count()} requests inside, codes exchanged: ${provider.exchanges - before}`;
		},
	},
	{
		id: "oidc-metadata-rebinding",
		source: "OWASP API7:2023",
		attack: "A name in the provider's metadata leads inside, or has a public address and a private one",
		expected: "each ProviderNamesInnerAddress (6)",
		async run({ provider }) {
			const names = [
				["127.0.0.1"],
				["10.0.0.1"],
				["169.254.169.254"],
				["fd00:ec2::254"],
				["8.8.8.8", "10.0.0.1"],
				["::ffff:127.0.0.1"],
			];
			return each(
				await Promise.all(
					names.map((addresses) => {
						const ask = createProviderFetch({
							issuer: provider.issuer,
							resolve: (_host, done) =>
								done(
									null,
									addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
								),
						});
						const options = { method: "GET", headers: {}, redirect: "manual", body: undefined } as const;
						return ask("https://keys.evil.example/", { ...options, signal: AbortSignal.timeout(2000) }).then(
							({ status }) => `answered ${status}`,
							(error: Error) => error.name,
						);
					}),
				),
			);
		},
	},
	{
		id: "oidc-metadata-endless",
		source: "OWASP API10:2023",
		attack: "The provider's discovery document has no end",
		expected: "given up within 5 seconds, twice; let in afterwards",
		async run(stage) {
			const { registry, provider } = stage;
			const claims = await invited(stage, "endless");
			const asked = createProvider({ issuer: provider.issuer, name: "Lender ID", ...CLIENT });
			provider.isEndless = true;
			const startedMs = performance.now();
			const ends: string[] = [];
			for (let times = 0; times < 2; times += 1)
				ends.push(
					await asked.begin(CALLBACK).then(
						() => "believed",
						() => "given up",
					),
				);
			const seconds = (performance.now() - startedMs) / 1000;
			provider.isEndless = false;
			const after = seen(await walkThrough(registry, provider, claims));
			const both = ends.every((end) => end === "given up") ? "given up" : ends.join();
			return `${both} ${seconds < 5 ? "within 5 seconds" : `after ${Math.round(seconds)} seconds`}, twice; ${after} afterwards`;
		},
	},
];
