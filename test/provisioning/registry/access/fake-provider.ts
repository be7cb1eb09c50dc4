import { createHash, createSign, generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An OpenID Connect provider on loopback that says of everybody what the test says. RS256, code flow, PKCE. */
export interface FakeProvider {
	readonly issuer: string;
	/** What the next ID token says. Without a nonce of its own it carries the one that was asked for. */
	claims: Readonly<Record<string, unknown>>;
	/** How the next ID tokens are signed. `forged`: by a key that is not the published one; `none`: not at all, and they say so. */
	signing: "right" | "forged" | "none";
	/** What its discovery document says besides, or instead. */
	metadata: Readonly<Record<string, unknown>>;
	/** Its discovery document has no end. */
	isEndless: boolean;
	/** Codes that were taken, so that a test sees what went over the back channel. */
	readonly exchanges: number;
	close(): Promise<void>;
}

export const CLIENT = { clientId: "holdfast", clientSecret: "provider-secret-0123456789" };

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

export async function startFakeProvider(): Promise<FakeProvider> {
	const key = generateKeyPairSync("rsa", { modulusLength: 2048 });
	const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });
	const asked = new Map<string, URLSearchParams>();
	let exchanges = 0;
	const server = createServer((request, response) => {
		const url = new URL(request.url ?? "/", provider.issuer);
		const json = (value: unknown, code = 200) => {
			response.writeHead(code, { "content-type": "application/json" });
			response.end(JSON.stringify(value));
		};
		switch (url.pathname) {
			case "/.well-known/openid-configuration":
				if (provider.isEndless) return void endlessly(response);
				return json({
					issuer: provider.issuer,
					authorization_endpoint: `${provider.issuer}/authorize`,
					token_endpoint: `${provider.issuer}/token`,
					jwks_uri: `${provider.issuer}/jwks`,
					response_types_supported: ["code"],
					subject_types_supported: ["public"],
					id_token_signing_alg_values_supported: ["RS256"],
					token_endpoint_auth_methods_supported: ["client_secret_post"],
					...provider.metadata,
				});
			case "/jwks":
				return json({ keys: [{ ...key.publicKey.export({ format: "jwk" }), kid: "1", alg: "RS256", use: "sig" }] });
			case "/authorize": {
				const code = randomUUID();
				asked.set(code, url.searchParams);
				const back = new URL(url.searchParams.get("redirect_uri") ?? "");
				back.search = new URLSearchParams({ code, state: url.searchParams.get("state") ?? "" }).toString();
				response.writeHead(302, { location: back.href });
				return response.end();
			}
			default: {
				let body = "";
				request.on("data", (chunk: Buffer) => {
					body += chunk.toString();
				});
				return request.on("end", () => {
					const sent = new URLSearchParams(body);
					const code = sent.get("code") ?? "";
					const question = asked.get(code);
					asked.delete(code);
					const challenge = createHash("sha256")
						.update(sent.get("code_verifier") ?? "")
						.digest("base64url");
					const isKnown = question?.get("code_challenge") === challenge && sent.get("client_secret") === CLIENT.clientSecret;
					if (!question || !isKnown) return json({ error: "invalid_grant" }, 400);
					exchanges += 1;
					json({ access_token: "a", token_type: "Bearer", expires_in: 60, id_token: token(question) });
				});
			}
		}
	});

	function token(question: URLSearchParams): string {
		const now = Math.floor(Date.now() / 1000);
		const payload = {
			iss: provider.issuer,
			aud: CLIENT.clientId,
			iat: now,
			exp: now + 60,
			nonce: question.get("nonce"),
			auth_time: now,
			...provider.claims,
		};
		if (provider.signing === "none") return `${base64url({ alg: "none" })}.${base64url(payload)}.`;
		const text = `${base64url({ alg: "RS256", kid: "1" })}.${base64url(payload)}`;
		const { privateKey } = provider.signing === "forged" ? stranger : key;
		return `${text}.${createSign("sha256").update(text).sign(privateKey, "base64url")}`;
	}

	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo; // it listens on a port
	const provider: FakeProvider = {
		issuer: `http://127.0.0.1:${port}`,
		claims: {},
		signing: "right",
		metadata: {},
		isEndless: false,
		get exchanges() {
			return exchanges;
		},
		close: () =>
			new Promise<void>((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
	return provider;
}

function endlessly(response: ServerResponse): void {
	response.writeHead(200, { "content-type": "application/json" });
	const more = () => {
		while (response.write(`{"a":"${"x".repeat(64 * 1024)}"`));
	};
	response.on("drain", more);
	response.on("close", () => response.off("drain", more));
	more();
}
