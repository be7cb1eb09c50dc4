import { randomBytes } from "node:crypto";
import { link, open, readFile, rename, unlink } from "node:fs/promises";

import { UsageError } from "./usage-error.ts";

/** A file that waits for a token. */
export interface TokenPlace {
	readonly path: string;
	/** Writes the token: the file is there whole or not at all, mode 0600. */
	put(token: string): Promise<void>;
	/** No token came: nothing is left behind, and what was there before is as it was. */
	giveUp(): Promise<void>;
}

/**
 * Makes sure that a token can be written before one is made. A file that is there already is only replaced if it holds another
 * token of the same program.
 *
 * @param programId whose token in the file may be replaced; `undefined` = no file may be there.
 * @throws {UsageError} if the file is something else, or cannot be written.
 */
export async function tokenPlace(path: string, programId: string | undefined): Promise<TokenPlace> {
	const before = await readFile(path, "utf8").catch((error: unknown) => {
		if (error instanceof Error && Reflect.get(error, "code") === "ENOENT") return undefined;
		throw unwritable(path, error);
	});
	const isReplaced = programId !== undefined && before?.startsWith(`hfp_${programId}_`) === true;
	if (before !== undefined && !isReplaced)
		throw new UsageError(`--to ${path}: there is another file of this name, which is left as it is`);
	const temporary = `${path}.${randomBytes(6).toString("hex")}.new`;
	const file = await open(temporary, "wx", 0o600).catch((error: unknown) => {
		throw unwritable(path, error);
	});
	const giveUp = async () => {
		await file.close();
		await unlink(temporary);
	};
	return {
		path,
		giveUp,
		async put(token) {
			await file.chmod(0o600); // whatever the umask
			await file.writeFile(`${token}\n`);
			await file.sync();
			await file.close();
			if (isReplaced) return rename(temporary, path);
			await link(temporary, path); // unlike rename, never over another file
			await unlink(temporary);
		},
	};
}

function unwritable(path: string, error: unknown): UsageError {
	return new UsageError(`--to ${path}: ${error instanceof Error ? error.message : "cannot be written"}`, { cause: error });
}
