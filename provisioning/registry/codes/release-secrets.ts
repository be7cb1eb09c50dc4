import { randomBytes } from "node:crypto";

import { drawReleaseSecret, releaseDigest } from "../../../proto/release-code.ts";
import type { CodeAddress } from "../../../proto/time-code.ts";
import type { ContractRow } from "../database/schema.ts";
import type { LenderKeys } from "../keys/lender-keys.ts";
import { refusal } from "../refusal.ts";
import type { RegistryContext } from "../registry-context.ts";
import { requireVault } from "./code-keys.ts";

/** Under which label the vault keeps the release secret of a device's contract. */
export const releaseSecretLabel = (deviceId: string) => `release-secret ${deviceId}`;

/** Draws the secret whose digest goes into a contract's terms. Without a vault there is none, and no release code. */
export function makeReleaseSecret(
	{ crypto, keys: { codeVault } }: Pick<RegistryContext, "crypto" | "keys">,
	address: CodeAddress,
): { releaseDigest: Uint8Array; sealed: Uint8Array | null } {
	if (!codeVault) return { releaseDigest: new Uint8Array(), sealed: null };
	const secret = drawReleaseSecret((length) => Uint8Array.from(randomBytes(length)));
	return {
		releaseDigest: releaseDigest(crypto, address, secret),
		sealed: codeVault.seal(releaseSecretLabel(address.deviceId), secret),
	};
}

/** @throws {Refusal} CODE_REFUSED if the contract was made without one. */
export function openReleaseSecret(
	{ keys }: { readonly keys: Pick<LenderKeys, "codeVault"> },
	{ device_id, release_secret }: Pick<ContractRow, "device_id" | "release_secret">,
): Uint8Array {
	if (release_secret === null) {
		throw refusal(
			"CODE_REFUSED",
			"This contract was made without a release code.",
			"Free the phone by its release order: online, or with holdfast release.",
		);
	}
	return requireVault(keys.codeVault).open(releaseSecretLabel(device_id), release_secret);
}
