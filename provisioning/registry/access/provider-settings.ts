import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { type Static, Type } from "typebox";
import { Check } from "typebox/value";
import { closed } from "../api-types.ts";
import { requirePrivate } from "../keys/key-file.ts";
import { Role } from "./access-request.ts";

const ProviderFile = Type.Object(
	{
		/** Such as `https://id.lender.example/realms/staff`; it has `/.well-known/openid-configuration`. */
		issuer: Type.String({ pattern: "^https?://[^\\s?#]+$", maxLength: 500 }),
		clientId: Type.String({ minLength: 1, maxLength: 200 }),
		/** File that holds the client's secret alone; relative to this file. */
		clientSecretFile: Type.String({ minLength: 1 }),
		/** How people call it: stands on the button. */
		name: Type.String({ minLength: 1, maxLength: 60 }),
		/** `host` or `host:port` that the provider's metadata names beside the issuer's and that is not on the Internet. Default: none. */
		hosts: Type.Optional(Type.Array(Type.String({ pattern: "^[a-z0-9.\\[\\]:-]{1,260}$" }), { maxItems: 10 })),
		/** Besides openid, profile and email. */
		scopes: Type.Optional(Type.Array(Type.String({ pattern: "^[\\x21\\x23-\\x5b\\x5d-\\x7e]+$" }), { maxItems: 20 })),
		/** Claim that holds roles or groups, such as `groups`. With it, whoever has one of `roles` needs no invitation. */
		roleClaim: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
		/** What the claim's values mean here. */
		roles: Type.Optional(Type.Record(Type.String({ minLength: 1 }), Role)),
		/**
		 * So long ago, in seconds, somebody may have signed in at the provider: it is asked for (max_age), and the ID token must say when
		 * (auth_time). Default: 43,200. 0 for a provider that does not say: then its own rules count alone.
		 */
		maxAgeSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
	},
	closed,
);

/** The lender's OpenID Connect identity provider, as `holdfast serve --oidc <file>` is told of it. */
export interface ProviderSettings extends Omit<Static<typeof ProviderFile>, "clientSecretFile"> {
	readonly clientSecret: string;
}

/**
 * Reads `--oidc <file>`, and the secret from the file that it names.
 *
 * @throws {Error} in words for whoever wrote the file. {KeysError} KEY_FILE_OPEN_TO_OTHERS if others can read the secret.
 */
export async function readProviderSettings(path: string): Promise<ProviderSettings> {
	const file = parse(await readFile(path, "utf8"));
	if (!Check(ProviderFile, file)) throw new Error(`${path}: ${WANTED}`);
	const { clientSecretFile, ...settings } = file;
	const { protocol, hostname } = new URL(settings.issuer);
	if (protocol !== "https:" && !["localhost", "127.0.0.1", "[::1]"].includes(hostname)) {
		throw new Error(`${path}: the issuer is not https, so that anybody on the way could sign in as anybody.`);
	}
	if ((settings.roleClaim === undefined) !== (settings.roles === undefined)) {
		throw new Error(`${path}: roleClaim and roles go together.`);
	}
	const secretPath = resolve(dirname(path), clientSecretFile);
	await requirePrivate(secretPath);
	const clientSecret = (await readFile(secretPath, "utf8")).trim();
	if (clientSecret === "") throw new Error(`${secretPath}: empty.`);
	return { ...settings, clientSecret };
}

const WANTED =
	"issuer, clientId, clientSecretFile and name are needed; hosts, scopes, roleClaim, roles (claim value -> role) and maxAgeSeconds (0 to 86400) may stand beside them.";

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
