import type { CodeVault } from "../keys/code-vault.ts";
import type { LenderKeys } from "../keys/lender-keys.ts";

/** Under which label the vault keeps the code key of a binding. */
export function codeKeyLabel(bindingSha256: Uint8Array): string {
	return `code-key ${Buffer.from(bindingSha256).toString("hex")}`;
}

/**
 * The code key of a binding; `undefined` if it was bound without one.
 *
 * @throws {KeysError} KEY_FILE_INVALID if it was sealed with another vault key; or an Error if the key folder has lost the vault.
 */
export function openCodeKey(
	{ codeVault }: Pick<LenderKeys, "codeVault">,
	bindingSha256: Uint8Array,
	sealed: Uint8Array | null,
): Uint8Array | undefined {
	return sealed === null ? undefined : requireVault(codeVault).open(codeKeyLabel(bindingSha256), sealed);
}

export function requireVault(codeVault: CodeVault | undefined): CodeVault {
	if (!codeVault) throw new Error("online/codes.pem is missing from the key folder: put it back from its copy");
	return codeVault;
}
