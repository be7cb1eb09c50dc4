import { createHash } from "node:crypto";

import { codeKeyLabel } from "../codes/code-keys.ts";
import { releaseSecretLabel } from "../codes/release-secrets.ts";
import type { CodeVault } from "../keys/code-vault.ts";
import type { TransferKey } from "./transfer-key.ts";

export type LedgerRow = Readonly<Record<string, unknown>>;

/** What tells one vault from another: nothing of its key follows from it. */
export function vaultDigest(vault: CodeVault): string {
	return createHash("sha256").update(vault.derive("ledger/which-vault")).digest("hex");
}

/** A row's secrets, taken out of this registry's vault and sealed for the way. */
export function sealSecrets(columns: readonly string[], row: LedgerRow, vault: CodeVault, key: TransferKey): LedgerRow {
	return changed(columns, row, (label, text) => key.seal(label, vault.open(label, bytesOf(text))));
}

/** A row's secrets as they came, sealed by this registry's vault. Without the key to them there are none. */
export function takeSecrets(
	columns: readonly string[],
	row: LedgerRow,
	vault: CodeVault | undefined,
	key: TransferKey | undefined,
): LedgerRow {
	return changed(columns, row, (label, text) =>
		key && vault ? `\\x${Buffer.from(vault.seal(label, key.open(label, text))).toString("hex")}` : null,
	);
}

function changed(columns: readonly string[], row: LedgerRow, change: (label: string, text: string) => string | null): LedgerRow {
	const secrets = columns.flatMap((column) => {
		const text = row[column];
		return typeof text === "string" ? [[column, change(labelOf(column, row), text)]] : [];
	});
	return { ...row, ...Object.fromEntries(secrets) };
}

/** As where the registry itself seals them. */
function labelOf(column: string, row: LedgerRow): string {
	if (column === "release_secret") return releaseSecretLabel(String(row["device_id"]));
	return codeKeyLabel(bytesOf(String(row["binding_sha256"])));
}

/** bytea as PostgreSQL writes it in JSON. */
export function bytesOf(hex: string): Uint8Array {
	return Uint8Array.from(Buffer.from(hex.replace(/^\\x/, ""), "hex"));
}
