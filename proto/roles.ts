import { decodeCanonical, type Message, type MessageType } from "./codec.ts";
import { type Crypto, keyidOf } from "./crypto.ts";
import {
	type Accepted,
	accept,
	countSignatures,
	MAX_SIGNATURES,
	PayloadType,
	readEnvelope,
	type VerificationKey,
} from "./envelope.ts";
import { ProtocolError } from "./error.ts";
import { isP256Point } from "./p256-point.ts";
import { wire } from "./wire.ts";

/** A lender's keys and what each may sign, at one version. */
export type KeySet = Message<wire.KeySet.$Properties>;

const ROLES: readonly wire.Role[] = [
	wire.Role.ROLE_ROOT,
	wire.Role.ROLE_COMMAND,
	wire.Role.ROLE_HEARTBEAT,
	wire.Role.ROLE_ENROLL,
	wire.Role.ROLE_RELEASE,
];

/** Longest life of an online command key, in seconds: 90 days. */
export const MAX_COMMAND_SECONDS = 90 * 24 * 3600;

/**
 * Highest threshold of a role. A key set is signed by the roots of two versions at once, which may share no key, and both
 * must fit into one envelope: a higher one could never be replaced.
 */
export const MAX_THRESHOLD = MAX_SIGNATURES / 2;

/** Keys and threshold of a role. A role that the set does not grant has no keys, so its threshold is never met. */
export function grantOf(
	keySet: KeySet,
	role: wire.Role,
): { keys: VerificationKey[]; threshold: number; expiresAtUnixSeconds: number } {
	const grant = keySet.roles.find((candidate) => candidate.role === role);
	if (!grant) return { keys: [], threshold: 1, expiresAtUnixSeconds: 0 };
	const keys = keySet.keys.filter((key) => grant.keyids.includes(key.keyid));
	return { keys, threshold: grant.threshold, expiresAtUnixSeconds: grant.expiresAtUnixSeconds };
}

/** Whether a role's signatures count at a trusted time. Those of a role that the set does not grant never do. */
export function isRoleCurrent(keySet: KeySet, role: wire.Role, nowUnixSeconds: number): boolean {
	const grant = keySet.roles.find((candidate) => candidate.role === role);
	return grant !== undefined && (grant.expiresAtUnixSeconds === 0 || nowUnixSeconds < grant.expiresAtUnixSeconds);
}

/**
 * Checks what a key set says about itself: every role exactly once, for without release or heartbeat keys a phone could be
 * locked but not freed; thresholds that can be met; key ids that are the keys' own; no key in two roles or in none; root
 * threshold of at least two; command keys that expire within 90 days of the set's issue.
 *
 * @throws {ProtocolError} KEY_SET_INVALID.
 */
export function checkKeySet(crypto: Crypto, keySet: KeySet): void {
	const invalid = (why: string) => new ProtocolError("KEY_SET_INVALID", why);
	if (!keySet.lenderId) throw invalid("no lender");
	if (keySet.version < 1) throw invalid("versions start at 1");
	if (keySet.epoch < 1) throw invalid("epochs start at 1");
	const listed = new Set<string>();
	for (const key of keySet.keys) {
		if (!isP256Point(key.point)) throw invalid("a key is not an uncompressed P-256 point");
		if (key.keyid !== keyidOf(crypto, key.point)) throw invalid("a key id is not its key's"); // TUF: keyid is derived, never chosen
		if (listed.has(key.keyid)) throw invalid("a key is listed twice");
		listed.add(key.keyid);
	}
	const roles = new Set<wire.Role>();
	const used = new Set<string>();
	for (const grant of keySet.roles) {
		if (!ROLES.includes(grant.role)) throw invalid("an unknown role");
		if (roles.has(grant.role)) throw invalid("a role is granted twice");
		roles.add(grant.role);
		if (grant.threshold < 1 || grant.threshold > Math.min(grant.keyids.length, MAX_THRESHOLD)) {
			throw invalid("a threshold that cannot be met");
		}
		for (const keyid of grant.keyids) {
			if (!listed.has(keyid)) throw invalid("a role names a key that is not listed");
			if (used.has(keyid)) throw invalid("one key serves two roles, or one role twice");
			used.add(keyid);
		}
		const isRoot = grant.role === wire.Role.ROLE_ROOT;
		if (isRoot && grant.threshold < 2) throw invalid("root needs a threshold of two or more");
		if (!isRoot && grant.expiresAtUnixSeconds === 0) throw invalid("only root may be without expiry");
		if (grant.expiresAtUnixSeconds !== 0 && grant.expiresAtUnixSeconds <= keySet.issuedAtUnixSeconds) {
			throw invalid("a role that had expired when the set was issued");
		}
		if (grant.role === wire.Role.ROLE_COMMAND && grant.expiresAtUnixSeconds > keySet.issuedAtUnixSeconds + MAX_COMMAND_SECONDS) {
			throw invalid("a command key may not live longer than 90 days");
		}
	}
	if (roles.size !== ROLES.length) throw invalid("a role is not granted");
	if (used.size !== listed.size) throw invalid("a key without a role");
}

/**
 * Checks that a key set may come after the trusted one, whoever signed it: whole in itself, the same lender's, exactly the next
 * version (TUF 5.3.5), never a lower epoch.
 *
 * @throws {ProtocolError} KEY_SET_INVALID, WRONG_LENDER, KEY_SET_ROLLBACK, KEY_SET_GAP.
 */
export function checkSuccessor(crypto: Crypto, trusted: KeySet, next: KeySet): void {
	checkKeySet(crypto, next);
	if (next.lenderId !== trusted.lenderId) throw new ProtocolError("WRONG_LENDER", "a key set of another lender");
	if (next.version <= trusted.version) throw new ProtocolError("KEY_SET_ROLLBACK", "not newer than the trusted key set");
	if (next.version !== trusted.version + 1) throw new ProtocolError("KEY_SET_GAP", "not the next version");
	if (next.epoch < trusted.epoch) throw new ProtocolError("KEY_SET_ROLLBACK", "a lower epoch than the trusted key set's");
}

/**
 * Accepts a lender's first key set, on first use: it must be signed by its own root threshold.
 *
 * @throws {ProtocolError} KEY_SET_INVALID, THRESHOLD_NOT_MET, and as `readEnvelope` and `decodeCanonical`.
 */
export function acceptFirstKeySet(crypto: Crypto, envelope: Uint8Array): KeySet {
	// Self-signed: the keys come from the payload, so it is read once to learn them and accepted only by their signatures.
	const claimed = decodeCanonical(wire.KeySet, readEnvelope(envelope, PayloadType.keySet).payload);
	checkKeySet(crypto, claimed);
	const root = grantOf(claimed, wire.Role.ROLE_ROOT);
	return accept(crypto, wire.KeySet, PayloadType.keySet, envelope, root.keys, root.threshold).message;
}

/**
 * Accepts version N+1 of a key set after version N: signed by the root thresholds of both (TUF 5.3.4), exactly the next
 * version (TUF 5.3.5), never a lower epoch. Whether the trusted root has expired does not matter here (TUF 5.3.10 asks only of
 * the last of a chain): a lender that was late must still be able to replace its keys.
 *
 * @throws {ProtocolError} KEY_SET_ROLLBACK, KEY_SET_GAP, WRONG_LENDER, KEY_SET_INVALID, THRESHOLD_NOT_MET, and as
 * `readEnvelope` and `decodeCanonical`.
 */
export function acceptNextKeySet(crypto: Crypto, trusted: KeySet, envelope: Uint8Array): KeySet {
	const old = grantOf(trusted, wire.Role.ROLE_ROOT);
	const { message: next } = accept(crypto, wire.KeySet, PayloadType.keySet, envelope, old.keys, old.threshold);
	checkSuccessor(crypto, trusted, next);
	const own = grantOf(next, wire.Role.ROLE_ROOT);
	const signedBy = countSignatures(crypto, readEnvelope(envelope, PayloadType.keySet), own.keys);
	if (signedBy.length < own.threshold) {
		throw new ProtocolError("THRESHOLD_NOT_MET", `${signedBy.length} of ${own.threshold} of the new root's signatures are good`);
	}
	return next;
}

/**
 * Accepts a chain of key sets in order, the first on first use, each later one as the next of the one before.
 *
 * @throws {ProtocolError} KEY_SET_INVALID for an empty chain, and as {@link acceptFirstKeySet} and {@link acceptNextKeySet}.
 */
export function acceptKeySetChain(crypto: Crypto, envelopes: readonly Uint8Array[]): KeySet {
	const [first, ...rest] = envelopes;
	if (!first) throw new ProtocolError("KEY_SET_INVALID", "no key set");
	return rest.reduce((trusted, envelope) => acceptNextKeySet(crypto, trusted, envelope), acceptFirstKeySet(crypto, first));
}

/**
 * Accepts a message signed by any of the given roles, each by its own threshold, and says which role it was.
 *
 * @param roles in order of preference: the first whose threshold is met, and which is current, is the answer.
 * @param nowUnixSeconds trusted time for the roles' expiry, or `undefined` where expiry must not matter (loosening). Never
 * left out, so that nobody forgets it.
 * @throws {ProtocolError} ROLE_EXPIRED if only expired roles signed it; otherwise as `accept`.
 */
export function acceptFromRoles<Properties>(
	crypto: Crypto,
	keySet: KeySet,
	roles: readonly wire.Role[],
	type: MessageType<Properties>,
	payloadType: PayloadType,
	envelope: Uint8Array,
	nowUnixSeconds: number | undefined,
): Accepted<Properties> & { role: wire.Role } {
	const frame = readEnvelope(envelope, payloadType);
	let expired = false;
	for (const role of roles) {
		const { keys, threshold } = grantOf(keySet, role);
		const signedBy = countSignatures(crypto, frame, keys);
		if (signedBy.length < threshold) continue;
		if (nowUnixSeconds !== undefined && !isRoleCurrent(keySet, role, nowUnixSeconds)) {
			expired = true;
			continue;
		}
		return { message: decodeCanonical(type, frame.payload), payload: frame.payload, signedBy, role };
	}
	if (expired) throw new ProtocolError("ROLE_EXPIRED", "the signing role has expired");
	throw new ProtocolError("THRESHOLD_NOT_MET", "not signed by a role that may sign this");
}
