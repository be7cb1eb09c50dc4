import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { requirePrivate, writeDurably } from "../keys/key-file.ts";

const MIN_TOKEN_LENGTH = 32;

/**
 * The bearer token of the admin API: made at the first start, kept in `<dataFolder>/admin-token`, mode 0600.
 *
 * @throws {KeysError} KEY_FILE_OPEN_TO_OTHERS if others can read it.
 */
export async function adminTokenIn(dataFolder: string): Promise<{ token: string; file: string }> {
	const file = join(dataFolder, "admin-token");
	await writeDurably(file, `${randomBytes(32).toString("base64url")}\n`, 0o600).catch((error: unknown) => {
		// There is one already, perhaps made by another process a moment ago.
		if (!(error instanceof Error) || Reflect.get(error, "code") !== "EEXIST") throw error;
	});
	await requirePrivate(file);
	const token = (await readFile(file, "utf8")).trim();
	if (token.length < MIN_TOKEN_LENGTH) throw new Error(`${file} is too short to be a token. Delete it to have a new one made.`);
	return { token, file };
}

/** A check of `Authorization` headers that takes as long for a wrong token as for the right one. */
export function bearerCheck(token: string): (header: string | undefined) => boolean {
	const digest = (text: string) => createHash("sha256").update(text).digest();
	const expected = digest(token);
	return (header) => {
		const [, given = ""] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header ?? "") ?? [];
		return timingSafeEqual(digest(given), expected);
	};
}
