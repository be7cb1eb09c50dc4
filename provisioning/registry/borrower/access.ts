import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

import { fromCrockford, inGroups, toCrockford } from "../../../proto/crockford.ts";
import { appendAudit } from "../audit-log.ts";
import { requireVault } from "../codes/code-keys.ts";
import { lockContract } from "../contracts/contracts.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { BorrowerCode, BorrowerSession } from "./borrower-request.ts";

/** 7 bytes: a guess is right once in 2^56, so that no count of wrong tries has to shut a borrower out. */
const CODE_BYTES = 7;
const SESSION_SECONDS = 30 * 60;

/**
 * The code that opens a borrower's own page, for the receipt and the call centre. It follows from the vault's key, so the database
 * does not hold it; a new one ends all earlier ones and every session that they opened.
 *
 * @throws {Refusal} CONTRACT_UNKNOWN; CODE_REFUSED if the lender's keys have no vault.
 */
export async function giveBorrowerCode(context: RegistryContext, contractId: string, renew: boolean): Promise<BorrowerCode> {
	requireCodes(context);
	return inTransaction(context, async (transaction) => {
		await lockContract(transaction, contractId);
		const { generation } = await transaction
			.insertInto("borrower_access")
			.values({ contract_id: contractId, generation: 1 })
			.onConflict((conflict) =>
				conflict
					.column("contract_id")
					.doUpdateSet((row) => ({ generation: row("borrower_access.generation", "+", renew ? 1 : 0) })),
			)
			.returning("generation")
			.executeTakeFirstOrThrow();
		await appendAudit(transaction, {
			subject: contractId,
			at: nowSeconds(context),
			actor: context.actor,
			action: "borrower.code_given",
			details: { generation },
		});
		return { contractId, code: inGroups(toCrockford(codeOf(context, contractId, generation))) };
	});
}

/** @throws {Refusal} UNAUTHORIZED: the same for a contract that there is not and for a code that is wrong. */
export async function signInBorrower(context: RegistryContext, contractId: string, typed: string): Promise<BorrowerSession> {
	requireCodes(context);
	const given = fromCrockford(typed, CODE_BYTES);
	const generation = (await generationOf(context, contractId)) ?? 0;
	// Worked out for a contract that does not exist as well: the time tells nothing.
	const isRight = given !== undefined && timingSafeEqual(given, codeOf(context, contractId, generation));
	if (!isRight || generation === 0) {
		throw refusal(
			"UNAUTHORIZED",
			"The contract number and the code do not belong together.",
			"Read both from the receipt again, or ask the lender for a new code.",
		);
	}
	const expiresAtUnixSeconds = nowSeconds(context) + SESSION_SECONDS;
	await noteBorrower(context, contractId, "borrower.signed_in");
	const body = Buffer.from(
		JSON.stringify([contractId, generation, expiresAtUnixSeconds, randomBytes(16).toString("base64url")]),
	).toString("base64url");
	return { token: `${body}.${sign(context, body)}`, expiresAtUnixSeconds, expiresInSeconds: SESSION_SECONDS };
}

/** The contract that a borrower's token opens. @throws {Refusal} UNAUTHORIZED. */
export async function contractOfSession(context: RegistryContext, header: string | undefined): Promise<string> {
	return (await readSession(context, header)).contractId;
}

/** Ends a borrower's session: its token opens nothing any more, whoever kept a copy. @throws {Refusal} UNAUTHORIZED. */
export async function signOutBorrower(context: RegistryContext, header: string | undefined): Promise<void> {
	const { contractId, expiresAt, tokenSha256 } = await readSession(context, header);
	await inTransaction(context, async (transaction) => {
		const now = nowSeconds(context);
		await transaction.deleteFrom("borrower_sign_outs").where("expires_at", "<=", now).execute();
		await transaction
			.insertInto("borrower_sign_outs")
			.values({ token_sha256: tokenSha256, expires_at: expiresAt })
			.onConflict((conflict) => conflict.doNothing())
			.execute();
		await appendAudit(transaction, {
			subject: contractId,
			at: now,
			actor: "borrower",
			action: "borrower.signed_out",
			details: {},
		});
	});
}

interface OpenSession {
	readonly contractId: string;
	readonly expiresAt: number;
	readonly tokenSha256: Uint8Array;
}

async function readSession(context: RegistryContext, header: string | undefined): Promise<OpenSession> {
	requireCodes(context);
	const [, body = "", signature = ""] = /^Bearer ([\w-]{1,400})\.([\w-]{43})$/.exec(header ?? "") ?? [];
	const expected = Buffer.from(sign(context, body));
	if (body !== "" && timingSafeEqual(expected, Buffer.from(signature))) {
		const [contractId, generation, expiresAt] = JSON.parse(Buffer.from(body, "base64url").toString()) as [string, number, number]; // we signed it
		const tokenSha256 = createHash("sha256").update(body).digest();
		if (expiresAt > nowSeconds(context) && (await generationOf(context, contractId, tokenSha256)) === generation)
			return { contractId, expiresAt, tokenSha256 };
	}
	throw refusal("UNAUTHORIZED", "You are not signed in any more.", "Enter contract number and code again.");
}

async function noteBorrower(context: RegistryContext, contractId: string, action: string): Promise<void> {
	await inTransaction(context, (transaction) =>
		appendAudit(transaction, { subject: contractId, at: nowSeconds(context), actor: "borrower", action, details: {} }),
	);
}

/** Which code opens a contract; `undefined` if none was given yet, or the token was given back. */
async function generationOf(
	{ database }: RegistryContext,
	contractId: string,
	tokenSha256?: Uint8Array,
): Promise<number | undefined> {
	const query = database.kysely.selectFrom("borrower_access").select("generation").where("contract_id", "=", contractId);
	const row = await (tokenSha256 === undefined
		? query
		: query.where(({ not, exists, selectFrom }) =>
				not(exists(selectFrom("borrower_sign_outs").select("expires_at").where("token_sha256", "=", tokenSha256))),
			)
	).executeTakeFirst();
	return row?.generation;
}

function codeOf({ keys }: RegistryContext, contractId: string, generation: number): Uint8Array {
	// A check symbol that is no digit or letter is hard to say on the telephone: the next draw is taken, for everybody alike.
	for (let draw = 0; ; draw += 1) {
		const label = `borrower-code/${contractId}/${generation}/${draw}`;
		const code = requireVault(keys.codeVault).derive(label).subarray(0, CODE_BYTES);
		if (/[0-9A-Z]$/.test(toCrockford(code))) return code;
	}
}

function sign({ keys }: RegistryContext, body: string): string {
	return createHmac("sha256", requireVault(keys.codeVault).derive("borrower-session")).update(body).digest("base64url");
}

function requireCodes({ keys }: RegistryContext): void {
	if (keys.codeVault) return;
	throw refusal(
		"CODE_REFUSED",
		"This lender's keys were made before there were codes.",
		"Let the lender make the code vault: holdfast keys rotate.",
	);
}
