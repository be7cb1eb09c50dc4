/**
 * Passkeys: what a person proves who they are with. The authenticator asks for its owner's finger, face or PIN each time
 * (user verification), and knows the person by itself (discoverable), so that nobody types a name and no answer tells whether
 * somebody has an account. The ceremonies are @simplewebauthn/server's.
 */
import {
	type AuthenticationResponseJSON,
	generateAuthenticationOptions,
	generateRegistrationOptions,
	type RegistrationResponseJSON,
	verifyAuthenticationResponse,
	verifyRegistrationResponse,
} from "@simplewebauthn/server";
import type { Transaction } from "kysely";
import { appendAudit } from "../audit-log.ts";
import type { Connection } from "../database/database.ts";
import type { Tables } from "../database/schema.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { Passkey, PasskeyAnswer, PasskeyChallenge } from "./access-request.ts";
import { type ChallengeUse, keepChallenge, takeChallenge } from "./challenge.ts";
import { type Site, siteOf } from "./site.ts";

const CEREMONY_MS = 300_000;
/** Of one person. */
export const MOST_PASSKEYS = 10;
/** Transports that the standard knows; others are dropped. */
const TRANSPORTS = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"] as const;

/**
 * Asks a browser for a passkey: any of this site, or one of a person's own.
 *
 * @throws {Refusal} SIGN_IN_REFUSED where the person has none.
 */
export async function askForPasskey(context: RegistryContext, use: ChallengeUse, personId?: string): Promise<PasskeyChallenge> {
	const own = personId === undefined ? [] : await passkeysOf(context.database.kysely, personId);
	if (personId !== undefined && own.length === 0) {
		throw refusal("SIGN_IN_REFUSED", "You have no passkey yet.", "Register one: sign in again, then choose Passkeys.");
	}
	const options = await generateAuthenticationOptions({
		rpID: passkeyName(context).name,
		userVerification: "required",
		timeout: CEREMONY_MS,
		allowCredentials: own.map(({ credential_id: id, transports }) => ({ id, transports: knownTransports(transports) })),
	});
	const challengeId = await keepChallenge(context, use, options.challenge);
	return { challengeId, options: { ...options } };
}

/** Asks a browser to make a passkey for a person, who is told apart by their id alone. */
export async function askForNewPasskey(
	context: RegistryContext,
	use: ChallengeUse,
	person: { readonly personId: string; readonly name: string },
): Promise<PasskeyChallenge> {
	const own = await passkeysOf(context.database.kysely, person.personId);
	const options = await generateRegistrationOptions({
		rpName: "Holdfast",
		rpID: passkeyName(context).name,
		userID: Uint8Array.from(Buffer.from(person.personId, "hex")),
		userName: person.name,
		userDisplayName: person.name,
		timeout: CEREMONY_MS,
		attestationType: "none",
		excludeCredentials: own.map(({ credential_id: id, transports }) => ({ id, transports: knownTransports(transports) })),
		authenticatorSelection: { residentKey: "required", userVerification: "required" },
	});
	const challengeId = await keepChallenge(context, use, options.challenge);
	return { challengeId, options: { ...options } };
}

/**
 * Checks what a browser answered with an existing passkey.
 *
 * @returns the person; the same words for every failure, so that nothing can be learnt by trying.
 * @throws {Refusal} SIGN_IN_REFUSED.
 */
export async function checkPasskey(context: RegistryContext, use: ChallengeUse, answer: PasskeyAnswer): Promise<string> {
	const { site, name } = passkeyName(context);
	const expectedChallenge = await takeChallenge(context, use, answer.challengeId);
	if (expectedChallenge === undefined) throw tooLate();
	// Outside data: the library checks every member that it reads, and throws at what it cannot.
	const response = answer.response as unknown as AuthenticationResponseJSON;
	const { kysely } = context.database;
	const known = await kysely
		.selectFrom("passkeys")
		.innerJoin("people", "people.person_id", "passkeys.person_id")
		.selectAll("passkeys")
		.where("credential_id", "=", typeof response.id === "string" ? response.id : "")
		.where("disabled_at", "is", null)
		.executeTakeFirst();
	if (!known) throw unknownPasskey();
	const verification = await verifyAuthenticationResponse({
		response,
		expectedChallenge,
		expectedOrigin: site.origin,
		expectedRPID: name,
		requireUserVerification: true,
		credential: { id: known.credential_id, publicKey: Uint8Array.from(known.public_key), counter: known.counter },
	}).catch((cause: unknown) => {
		throw unknownPasskey(cause);
	});
	if (!verification.verified) throw unknownPasskey();
	const { newCounter, credentialBackedUp } = verification.authenticationInfo;
	// Of two answers with one counter, only the first finds the counter that it was checked against.
	const { numUpdatedRows } = await kysely
		.updateTable("passkeys")
		.set({ counter: newCounter, synced: credentialBackedUp, last_used_at: nowSeconds(context) })
		.where("credential_id", "=", known.credential_id)
		.where("counter", "=", known.counter)
		.executeTakeFirst();
	if (numUpdatedRows !== 1n) throw unknownPasskey();
	return known.person_id;
}

/** A passkey that a browser has just made, checked but not kept yet. */
export type NewPasskey = Awaited<ReturnType<typeof checkNewPasskey>>;

/** @throws {Refusal} SIGN_IN_REFUSED. */
export async function checkNewPasskey(context: RegistryContext, use: ChallengeUse, answer: PasskeyAnswer) {
	const { site, name } = passkeyName(context);
	const expectedChallenge = await takeChallenge(context, use, answer.challengeId);
	if (expectedChallenge === undefined) throw tooLate();
	const { verified, registrationInfo } = await verifyRegistrationResponse({
		// As above.
		response: answer.response as unknown as RegistrationResponseJSON,
		expectedChallenge,
		expectedOrigin: site.origin,
		expectedRPID: name,
		requireUserVerification: true,
	}).catch((cause: unknown) => {
		throw notMade(cause);
	});
	if (!verified) throw notMade();
	return { ...registrationInfo.credential, synced: registrationInfo.credentialBackedUp };
}

/** @throws {Refusal} CONFLICT: it is registered already, or the person has too many. */
export async function keepPasskey(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	personId: string,
	passkey: NewPasskey,
): Promise<void> {
	const now = nowSeconds(context);
	// Of two that are registered at the same time, the second counts the first.
	await transaction.selectFrom("people").select("person_id").where("person_id", "=", personId).forNoKeyUpdate().execute();
	if ((await passkeysOf(transaction, personId)).length >= MOST_PASSKEYS) {
		throw refusal("CONFLICT", `Nobody has more than ${MOST_PASSKEYS} passkeys.`, "Remove one that you no longer use.");
	}
	const { numInsertedOrUpdatedRows } = await transaction
		.insertInto("passkeys")
		.values({
			credential_id: passkey.id,
			person_id: personId,
			public_key: passkey.publicKey,
			counter: passkey.counter,
			transports: knownTransports(passkey.transports ?? []),
			synced: passkey.synced,
			created_at: now,
			last_used_at: null,
		})
		.onConflict((conflict) => conflict.doNothing())
		.executeTakeFirst();
	if (numInsertedOrUpdatedRows !== 1n) {
		throw refusal("CONFLICT", "This passkey is registered already.", "Sign in with it.");
	}
	await appendAudit(transaction, {
		subject: `person/${personId}`,
		at: now,
		actor: `person/${personId}`,
		action: "passkey.registered",
		details: { synced: passkey.synced, passkey: passkey.id.slice(0, 12) },
	});
}

export async function listPasskeys(connection: Connection, personId: string): Promise<Passkey[]> {
	return (await passkeysOf(connection, personId)).map((row) => ({
		passkeyId: row.credential_id,
		isSynced: row.synced,
		createdAtUnixSeconds: row.created_at,
		...(row.last_used_at === null ? {} : { lastUsedAtUnixSeconds: row.last_used_at }),
	}));
}

function passkeysOf(connection: Connection, personId: string) {
	return connection
		.selectFrom("passkeys")
		.selectAll()
		.where("person_id", "=", personId)
		.orderBy("created_at")
		.orderBy("credential_id")
		.execute();
}

function knownTransports(transports: readonly string[]) {
	return TRANSPORTS.filter((transport) => transports.includes(transport));
}

/** @throws {Refusal} SIGN_IN_REFUSED where browsers have no passkeys. */
function passkeyName(context: RegistryContext): { site: Site; name: string } {
	const site = siteOf(context.publicUrl());
	if (site.passkeyName !== undefined) return { site, name: site.passkeyName };
	throw refusal(
		"SIGN_IN_REFUSED",
		"Browsers keep no passkeys for this address.",
		"Start the registry with --public-url and a name that has https.",
	);
}

function tooLate(): Refusal {
	return refusal("SIGN_IN_REFUSED", "This attempt is too old, or was answered before.", "Try again.");
}

function unknownPasskey(cause?: unknown): Refusal {
	return refusal("SIGN_IN_REFUSED", "This passkey is not known here.", "Use another one, or ask for an invitation.", {
		...(cause instanceof Error ? { why: cause.name } : {}),
	});
}

function notMade(cause?: unknown): Refusal {
	return refusal("SIGN_IN_REFUSED", "The passkey could not be registered.", "Try again, or use another device.", {
		...(cause instanceof Error ? { why: cause.name } : {}),
	});
}
