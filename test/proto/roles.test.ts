import { describe, expect, it } from "vitest";

import { encode } from "../../proto/codec.ts";
import type { Signer } from "../../proto/crypto.ts";
import { PayloadType, seal, sealBytes } from "../../proto/envelope.ts";
import type { ProtocolErrorCode } from "../../proto/error.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import {
	acceptFirstKeySet,
	acceptFromRoles,
	acceptKeySetChain,
	acceptNextKeySet,
	checkKeySet,
	grantOf,
	isRoleCurrent,
	type KeySet,
	MAX_COMMAND_SECONDS,
	MAX_THRESHOLD,
} from "../../proto/roles.ts";
import { wire } from "../../proto/wire.ts";
import { codeOf, expectRefusal } from "./expect-refusal.ts";
import { keyOf, newSigner, newSigners } from "./test-signer.ts";

const { ROLE_ROOT, ROLE_COMMAND, ROLE_HEARTBEAT, ROLE_ENROLL, ROLE_RELEASE } = wire.Role;
const ISSUED = 1_750_000_000;
const DAY = 24 * 3600;

const root = newSigners(3);
const [command, heartbeat, enroll, release] = [newSigner(), newSigner(), newSigner(), newSigner()];

interface Grant {
	role: wire.Role;
	signers: readonly Signer[];
	threshold?: number;
	expiresAtUnixSeconds?: number;
}

const GRANTS: readonly Grant[] = [
	{ role: ROLE_ROOT, signers: root, threshold: 2, expiresAtUnixSeconds: 0 },
	{ role: ROLE_COMMAND, signers: [command] },
	{ role: ROLE_HEARTBEAT, signers: [heartbeat] },
	{ role: ROLE_ENROLL, signers: [enroll] },
	{ role: ROLE_RELEASE, signers: [release] },
];

/** A key set as `decode` gives it: valid, until something is changed. */
function keySet(change: Partial<KeySet> = {}, grants: readonly Grant[] = GRANTS): KeySet {
	return {
		lenderId: "lender",
		version: 1,
		epoch: 1,
		issuedAtUnixSeconds: ISSUED,
		keys: grants.flatMap(({ signers }) => signers.map(keyOf)),
		roles: grants.map(({ role, signers, threshold = 1, expiresAtUnixSeconds = ISSUED + 30 * DAY }) => ({
			role,
			threshold,
			keyids: signers.map(({ keyid }) => keyid),
			expiresAtUnixSeconds,
		})),
		...change,
	};
}

/** The valid grants with one of them changed. */
function granting(role: wire.Role, change: Partial<Grant>): readonly Grant[] {
	return GRANTS.map((grant) => (grant.role === role ? { ...grant, ...change } : grant));
}

const sealSet = (set: KeySet, signers: readonly Signer[] = root.slice(0, 2)) =>
	seal(wire.KeySet, PayloadType.keySet, set, signers);

describe("a key set", () => {
	it("with every role is valid", () => {
		expect(codeOf(() => checkKeySet(nobleCrypto, keySet()))).toBe("accepted");
	});

	const valid = keySet();
	const [firstKey] = valid.keys;
	const stranger = keyOf(newSigner());
	const offCurve = Uint8Array.from(stranger.point);
	offCurve[64] = (offCurve[64] ?? 0) ^ 1;
	const invalid: Record<string, KeySet> = {
		"no lender": keySet({ lenderId: "" }),
		"version 0": keySet({ version: 0 }),
		"epoch 0": keySet({ epoch: 0 }),
		"no keys and no roles": keySet({ keys: [], roles: [] }),
		"a key id that is not its key's": keySet({
			keys: [{ ...valid.keys[0], keyid: stranger.keyid } as KeySet["keys"][number], ...valid.keys.slice(1)],
		}),
		"a compressed key": keySet({
			keys: [...valid.keys, { keyid: stranger.keyid, point: Uint8Array.of(2, ...stranger.point.subarray(1, 33)) }],
		}),
		"a key off the curve": keySet({}, [
			...GRANTS.slice(0, 4),
			{ role: ROLE_RELEASE, signers: [{ ...newSigner(), publicKey: offCurve }] },
		]),
		"a key listed twice": keySet({ keys: [...valid.keys, firstKey as KeySet["keys"][number]] }),
		"a key without a role": keySet({ keys: [...valid.keys, stranger] }),
		"a role that names an unlisted key": keySet({ keys: valid.keys.slice(0, -1) }),
		"a key in two roles": keySet({ keys: valid.keys.slice(0, -1) }, granting(ROLE_RELEASE, { signers: [command] })),
		"a key twice in a role": keySet({ keys: valid.keys }, granting(ROLE_COMMAND, { signers: [command, command], threshold: 2 })),
		"an unknown role": keySet({}, [...GRANTS, { role: 6 as wire.Role, signers: [newSigner()] }]),
		"the unspecified role": keySet({}, [...GRANTS, { role: wire.Role.ROLE_UNSPECIFIED, signers: [newSigner()] }]),
		"a role granted twice": keySet({}, [...GRANTS, { role: ROLE_COMMAND, signers: [newSigner()] }]),
		"threshold 0": keySet({}, granting(ROLE_ENROLL, { threshold: 0 })),
		"a threshold above the number of keys": keySet({}, granting(ROLE_ENROLL, { threshold: 2 })),
		"a threshold whose rotation would not fit an envelope": keySet(
			{},
			granting(ROLE_ROOT, { signers: newSigners(MAX_THRESHOLD + 1), threshold: MAX_THRESHOLD + 1 }),
		),
		"root that one key can be": keySet({}, granting(ROLE_ROOT, { threshold: 1 })),
		"a command role without expiry": keySet({}, granting(ROLE_COMMAND, { expiresAtUnixSeconds: 0 })),
		"a heartbeat role without expiry": keySet({}, granting(ROLE_HEARTBEAT, { expiresAtUnixSeconds: 0 })),
		"an enroll role without expiry": keySet({}, granting(ROLE_ENROLL, { expiresAtUnixSeconds: 0 })),
		"a release role without expiry": keySet({}, granting(ROLE_RELEASE, { expiresAtUnixSeconds: 0 })),
		"a command role of 90 days and a second": keySet(
			{},
			granting(ROLE_COMMAND, { expiresAtUnixSeconds: ISSUED + MAX_COMMAND_SECONDS + 1 }),
		),
		"a role that had expired when it was granted": keySet({}, granting(ROLE_RELEASE, { expiresAtUnixSeconds: ISSUED })),
	};

	it.each(Object.entries(invalid))("with %s is not", (_, set) => {
		expectRefusal("KEY_SET_INVALID", () => checkKeySet(nobleCrypto, set));
	});

	it.each([ROLE_ROOT, ROLE_COMMAND, ROLE_HEARTBEAT, ROLE_ENROLL, ROLE_RELEASE])("without role %d is not", (role) => {
		expectRefusal("KEY_SET_INVALID", () =>
			checkKeySet(
				nobleCrypto,
				keySet(
					{},
					GRANTS.filter((grant) => grant.role !== role),
				),
			),
		);
	});

	it("may have a command role of 90 days to the second, and a root of the highest threshold", () => {
		const grants = granting(ROLE_COMMAND, { expiresAtUnixSeconds: ISSUED + 90 * DAY }).map((grant) =>
			grant.role === ROLE_ROOT ? { ...grant, signers: newSigners(MAX_THRESHOLD), threshold: MAX_THRESHOLD } : grant,
		);
		expect(codeOf(() => checkKeySet(nobleCrypto, keySet({}, grants)))).toBe("accepted");
	});
});

describe("the first key set", () => {
	it("is trusted when its own root threshold signed it", async () => {
		expect(acceptFirstKeySet(nobleCrypto, await sealSet(keySet()))).toEqual(keySet());
	});

	it("is refused with one signature of two, one key's twice, or strangers'", async () => {
		for (const signers of [[root[0]], [root[0], command], newSigners(2)]) {
			const bytes = await sealSet(
				keySet(),
				signers.filter((signer) => signer !== undefined),
			);
			expectRefusal("THRESHOLD_NOT_MET", () => acceptFirstKeySet(nobleCrypto, bytes));
		}
	});

	it("is refused when it is invalid, however well signed", async () => {
		const bytes = await sealSet(keySet({ version: 0 }));
		expectRefusal("KEY_SET_INVALID", () => acceptFirstKeySet(nobleCrypto, bytes));
	});

	it("is refused in any other encoding", async () => {
		const bytes = await sealBytes(PayloadType.keySet, Uint8Array.of(...encode(wire.KeySet, keySet()), 0x38, 1), root);
		expectRefusal("NOT_CANONICAL", () => acceptFirstKeySet(nobleCrypto, bytes));
	});
});

describe("the next key set", () => {
	const newRoot = newSigners(3);
	const next = keySet({ version: 2, issuedAtUnixSeconds: ISSUED + DAY }, granting(ROLE_ROOT, { signers: newRoot }));
	const both = [...root.slice(0, 2), ...newRoot.slice(0, 2)];
	const acceptNext = (bytes: Uint8Array) => acceptNextKeySet(nobleCrypto, keySet(), bytes);

	it("is trusted when the root thresholds of both versions signed it", async () => {
		expect(acceptNext(await sealSet(next, both))).toEqual(next);
	});

	it.each([
		["the old root alone", root],
		["the new root alone", newRoot],
		["the old root and one of the new", [...root, ...newRoot.slice(0, 1)]],
		["one of the old and the new root", [...root.slice(0, 1), ...newRoot]],
		["the other roles' keys", [command, heartbeat, enroll, release]],
	])("is refused when signed by %s", async (_, signers) => {
		const bytes = await sealSet(next, signers);
		expectRefusal("THRESHOLD_NOT_MET", () => acceptNext(bytes));
	});

	it("counts a key that stays root for both versions", async () => {
		const [first, second, third] = root;
		if (!first || !second || !third) throw new Error("three roots");
		const replacement = newSigner();
		const swapped = keySet({ version: 2 }, granting(ROLE_ROOT, { signers: [first, second, replacement] }));
		expect(acceptNext(await sealSet(swapped, [first, second])).version).toBe(2);
		const notEnough = await sealSet(swapped, [first, third]);
		expectRefusal("THRESHOLD_NOT_MET", () => acceptNext(notEnough));
	});

	it("replaces a root of the highest threshold by another that shares no key with it", async () => {
		const [before, after] = [newSigners(MAX_THRESHOLD), newSigners(MAX_THRESHOLD)];
		const rooted = (signers: readonly Signer[]) => granting(ROLE_ROOT, { signers, threshold: MAX_THRESHOLD });
		const bytes = await sealSet(keySet({ version: 2 }, rooted(after)), [...before, ...after]);
		expect(acceptNextKeySet(nobleCrypto, keySet({}, rooted(before)), bytes).version).toBe(2);
	});

	it.each([
		["the same version", { version: 1 }, "KEY_SET_ROLLBACK"],
		["a gap", { version: 3 }, "KEY_SET_GAP"],
		["the last version there can be", { version: 0xffffffff }, "KEY_SET_GAP"],
		["another lender", { version: 2, lenderId: "other" }, "WRONG_LENDER"],
		["an invalid set", { version: 2, roles: [] }, "KEY_SET_INVALID"],
	] satisfies [string, Partial<KeySet>, ProtocolErrorCode][])("is refused with %s", async (_, change, code) => {
		const bytes = await sealSet(keySet(change));
		expectRefusal(code, () => acceptNext(bytes));
	});

	it("is refused with an older version or a lower epoch", async () => {
		const trusted = keySet({ version: 7, epoch: 3 });
		const [older, lower, higher] = [
			keySet({ version: 6, epoch: 3 }),
			keySet({ version: 8, epoch: 2 }),
			keySet({ version: 8, epoch: 4 }),
		];
		const [olderBytes, lowerBytes] = [await sealSet(older), await sealSet(lower)];
		expectRefusal("KEY_SET_ROLLBACK", () => acceptNextKeySet(nobleCrypto, trusted, olderBytes));
		expectRefusal("KEY_SET_ROLLBACK", () => acceptNextKeySet(nobleCrypto, trusted, lowerBytes));
		expect(acceptNextKeySet(nobleCrypto, trusted, await sealSet(higher)).epoch).toBe(4);
	});

	it("may come after the trusted root has expired: a late lender can still replace its keys", async () => {
		const expired = keySet({}, granting(ROLE_ROOT, { expiresAtUnixSeconds: ISSUED + 1 }));
		expect(acceptNextKeySet(nobleCrypto, expired, await sealSet(next, both)).version).toBe(2);
	});
});

describe("a chain of key sets", () => {
	const roots = Array.from({ length: 5 }, () => newSigners(3));
	const sets = roots.map((signers, index) =>
		keySet({ version: index + 1, epoch: 1 + (index >> 1) }, granting(ROLE_ROOT, { signers })),
	);
	const sealAll = () =>
		Promise.all(
			sets.map((set, index) => sealSet(set, [...(roots[index - 1] ?? []).slice(0, 2), ...(roots[index] ?? []).slice(1)])),
		);

	it("walks five root rotations, one at a time", async () => {
		expect(acceptKeySetChain(nobleCrypto, await sealAll())).toEqual(sets[4]);
	});

	it("is refused with a link left out, turned round or repeated, and when it is empty", async () => {
		const [one, two, three] = await sealAll();
		if (!one || !two || !three) throw new Error("five links");
		expectRefusal("THRESHOLD_NOT_MET", () => acceptKeySetChain(nobleCrypto, [one, three]));
		expectRefusal("THRESHOLD_NOT_MET", () => acceptKeySetChain(nobleCrypto, [two, one, three]));
		expectRefusal("KEY_SET_ROLLBACK", () => acceptKeySetChain(nobleCrypto, [one, two, two]));
		expectRefusal("KEY_SET_INVALID", () => acceptKeySetChain(nobleCrypto, []));
	});
});

describe("a role", () => {
	it("gives its keys and no others", () => {
		const grant = grantOf(keySet(), ROLE_ROOT);
		expect(grant.keys.map(({ keyid }) => keyid)).toEqual(root.map(({ keyid }) => keyid));
		expect(grant.threshold).toBe(2);
	});

	it("that is not granted has no keys and is never current", () => {
		const without = keySet({}, GRANTS.slice(0, 2));
		expect(grantOf(without, ROLE_RELEASE).keys).toEqual([]);
		for (const now of [0, ISSUED, Number.MAX_SAFE_INTEGER]) expect(isRoleCurrent(without, ROLE_RELEASE, now)).toBe(false);
	});

	it("is current until the second before it expires", () => {
		const end = ISSUED + 30 * DAY;
		expect(isRoleCurrent(keySet(), ROLE_COMMAND, end - 1)).toBe(true);
		expect(isRoleCurrent(keySet(), ROLE_COMMAND, end)).toBe(false);
		expect(isRoleCurrent(keySet(), ROLE_COMMAND, Number.NaN)).toBe(false);
		expect(isRoleCurrent(keySet(), ROLE_ROOT, Number.MAX_SAFE_INTEGER)).toBe(true);
	});
});

describe("a message that several roles may sign", () => {
	const order = { deviceId: "d", epoch: 1, sequence: 1, restore: {} };
	const sealOrder = (...signers: Signer[]) => seal(wire.Order, PayloadType.order, order, signers);
	const set = keySet(
		{},
		granting(ROLE_COMMAND, { expiresAtUnixSeconds: ISSUED + DAY }).map((grant) =>
			grant.role === ROLE_ROOT ? { ...grant, expiresAtUnixSeconds: 0 } : grant,
		),
	);
	const acceptFrom = (roles: readonly wire.Role[], bytes: Uint8Array, now: number | undefined) =>
		acceptFromRoles(nobleCrypto, set, roles, wire.Order, PayloadType.order, bytes, now);

	it("is accepted from either of them, and says which", async () => {
		expect(acceptFrom([ROLE_COMMAND, ROLE_RELEASE], await sealOrder(command), ISSUED)).toMatchObject({
			role: ROLE_COMMAND,
			signedBy: [command.keyid],
		});
		expect(acceptFrom([ROLE_COMMAND, ROLE_RELEASE], await sealOrder(release), ISSUED)).toMatchObject({
			role: ROLE_RELEASE,
			message: order,
		});
	});

	it("is refused from a role that may not sign it, and when no role may", async () => {
		const [byRelease, byHeartbeat] = [await sealOrder(release), await sealOrder(heartbeat)];
		expectRefusal("THRESHOLD_NOT_MET", () => acceptFrom([ROLE_COMMAND], byRelease, ISSUED));
		expectRefusal("THRESHOLD_NOT_MET", () => acceptFrom([ROLE_COMMAND, ROLE_RELEASE], byHeartbeat, undefined));
		expectRefusal("THRESHOLD_NOT_MET", () => acceptFrom([], byRelease, ISSUED));
	});

	it("does not add up signatures of different roles", async () => {
		const bytes = await sealOrder(command, release, ...root.slice(0, 1));
		expectRefusal("THRESHOLD_NOT_MET", () => acceptFrom([ROLE_ROOT], bytes, ISSUED));
		expect(acceptFrom([ROLE_ROOT], await sealOrder(...root.slice(1)), ISSUED).signedBy.length).toBe(2);
	});

	it("is refused from an expired role, unless expiry must not matter", async () => {
		const bytes = await sealOrder(command);
		expect(acceptFrom([ROLE_COMMAND], bytes, ISSUED + DAY - 1).role).toBe(ROLE_COMMAND);
		expectRefusal("ROLE_EXPIRED", () => acceptFrom([ROLE_COMMAND, ROLE_RELEASE], bytes, ISSUED + DAY));
		expect(acceptFrom([ROLE_COMMAND], bytes, undefined).role).toBe(ROLE_COMMAND);
	});

	it("is accepted from the role that is current when another that signed it has expired", async () => {
		expect(acceptFrom([ROLE_COMMAND, ROLE_RELEASE], await sealOrder(command, release), ISSUED + 2 * DAY).role).toBe(ROLE_RELEASE);
	});
});
