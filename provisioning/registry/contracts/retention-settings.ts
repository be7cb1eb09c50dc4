import { readFile } from "node:fs/promises";

import { type Static, Type } from "typebox";
import { Check } from "typebox/value";

const Days = (least: number) => Type.Union([Type.Integer({ minimum: least, maximum: 36_500 }), Type.Literal("for ever")]);

const RetentionFile = Type.Object(
	{
		/** After its phone was reported free: what the phone reported, and what was answered in support. At least 180. */
		closedContractDays: Type.Optional(Days(180)),
		/** After it came: each signed check-in of a phone. Those that told of a lock, or of its end, stay with the contract. At least 14. */
		checkInDays: Type.Optional(Days(14)),
		/** After somebody was disabled: their name, email, passkeys and identity at the provider. At least 30. */
		formerStaffDays: Type.Optional(Days(30)),
	},
	{ additionalProperties: false },
);

/** For how long personal data is kept once what it was for is over, in days. See RULES.md. */
export type RetentionSettings = Required<Static<typeof RetentionFile>>;

/** What counts where nobody decided otherwise. A lender asks a lawyer what its country wants. */
export const USUAL_RETENTION: RetentionSettings = { closedContractDays: 1095, checkInDays: 90, formerStaffDays: 365 };

/** Reads `--retention <file>`. @throws {Error} in words for whoever wrote the file. */
export async function readRetentionSettings(path: string): Promise<RetentionSettings> {
	const file = parse(await readFile(path, "utf8"));
	if (Check(RetentionFile, file)) return { ...USUAL_RETENTION, ...file };
	throw new Error(
		`${path}: closedContractDays (180 or more), checkInDays (14 or more) and formerStaffDays (30 or more) may stand in it, each a number of days or "for ever".`,
	);
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
