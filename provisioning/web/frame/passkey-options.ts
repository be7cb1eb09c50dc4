import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/browser";

/** Options of a sign-in, as the registry's own library made them. The browser checks them member by member. */
export function readPasskeyOptions(options: Readonly<Record<string, unknown>>): PublicKeyCredentialRequestOptionsJSON {
	const { challenge } = options;
	if (typeof challenge !== "string") throw new TypeError("the registry sent no challenge");
	return { ...options, challenge };
}

/** Options of a registration, in the same way. */
export function readRegistrationOptions(options: Readonly<Record<string, unknown>>): PublicKeyCredentialCreationOptionsJSON {
	if (typeof options["challenge"] !== "string") throw new TypeError("the registry sent no challenge");
	// Made by @simplewebauthn/server on our own origin; its counterpart refuses what it cannot use.
	return options as unknown as PublicKeyCredentialCreationOptionsJSON;
}
