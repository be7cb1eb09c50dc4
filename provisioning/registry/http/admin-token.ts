import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { requirePrivate, writeDurably } from "../keys/key-file.ts";

const MIN_TOKEN_LENGTH = 32;

/** What the log says when the admin token comes, or may come, from another machine. */
export const ADMIN_TOKEN_FROM_AFAR =
	"the admin token may do everything and never ends: use it on the server alone, and give stations and programs tokens of their own (holdfast account program add)";

/**
 * The bearer token of the server's own command line, which lets the first people and programs in: made at the first start, kept in `<dataFolder>/admin-token`, mode 0600.
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
		return timingSafeEqual(digest(bearerToken(header)), expected);
	};
}

/** The token of an `Authorization` header; empty if there is none. */
export function bearerToken(header: string | undefined): string {
	const [, given = ""] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header ?? "") ?? [];
	return given;
}

/** Whether an address or a host is this machine alone. */
export function isLoopback(host: string): boolean {
	return host === "localhost" || host === "::1" || /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i.test(host);
}
