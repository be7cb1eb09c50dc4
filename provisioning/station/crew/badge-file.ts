import { open } from "node:fs/promises";

import { type Static, Type } from "typebox";
import { Check } from "typebox/value";

import { faultError } from "../../handset/fault.ts";
import { errorCode } from "../durable-file.ts";

const closed = { additionalProperties: false } as const;
const Base64 = (bytes: number) => {
	const length = Math.ceil(bytes / 3) * 4;
	return Type.String({ pattern: "^[A-Za-z0-9+/]+={0,2}$", minLength: length, maxLength: length });
};

const BadgeEntry = Type.Object(
	{
		name: Type.String({ minLength: 1, maxLength: 60 }),
		role: Type.Union([Type.Literal("operator"), Type.Literal("supervisor"), Type.Literal("technician")]),
		/** First eight bits of the HMAC-SHA-256 of the code, hex. */
		lookup: Type.String({ pattern: "^[0-9a-f]{2}$" }),
		/** 16 bytes. */
		salt: Base64(16),
		/** scrypt of the code, 32 bytes. */
		hash: Base64(32),
	},
	closed,
);
export type BadgeEntry = Static<typeof BadgeEntry>;

const BadgeFile = Type.Object(
	{
		version: Type.Literal(1),
		/** Key of the lookups, 32 bytes. */
		lookupKey: Base64(32),
		badges: Type.Array(BadgeEntry, { maxItems: 1000 }),
	},
	closed,
);
/** What stands in `badges.json`. */
export type BadgeFile = Static<typeof BadgeFile>;

/** Reads a station's badges; nothing if there is no file. @throws {FaultError} BADGES_UNREADABLE. */
export async function readBadgeFile(path: string): Promise<BadgeFile | undefined> {
	const unreadable = (problem: string) => faultError("BADGES_UNREADABLE", { details: { file: path, problem } });
	const file = await open(path, "r").catch((error: unknown) => {
		if (errorCode(error) === "ENOENT") return undefined;
		throw unreadable(errorCode(error));
	});
	if (!file) return undefined;
	let value: unknown;
	try {
		const { mode } = await file.stat();
		if (process.platform !== "win32" && (mode & 0o077) !== 0) throw unreadable("others can read it: chmod 600");
		value = JSON.parse(await file.readFile("utf8"));
	} catch (error) {
		// What a parser says may repeat what it read.
		throw error instanceof SyntaxError ? unreadable("it is not JSON") : error;
	} finally {
		await file.close();
	}
	if (!Check(BadgeFile, value)) throw unreadable("it does not hold badges");
	return value;
}
