import { decode, encode } from "../../proto/codec.ts";
import { toHex } from "../../proto/crypto.ts";
import { PayloadType } from "../../proto/envelope.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { drawReleaseSecret, releaseDigest, writeReleaseCode } from "../../proto/release-code.ts";
import { readRequestNumber } from "../../proto/request-number.ts";
import { timeCodeSecret, writeTimeCode } from "../../proto/time-code.ts";
import { wire } from "../../proto/wire.ts";
import { seededBytes } from "./seeded-bytes.ts";
import { type SimulatedKeys, type SimulatedSigner, sealNow } from "./simulated-signer.ts";

const DAY = 24 * 3600;
const { Role } = wire;
const ROLES = {
	root: [Role.ROLE_ROOT, 3],
	command: [Role.ROLE_COMMAND, 1],
	heartbeat: [Role.ROLE_HEARTBEAT, 1],
	enroll: [Role.ROLE_ENROLL, 1],
	release: [Role.ROLE_RELEASE, 1],
} as const;
type RoleName = keyof typeof ROLES;

/** What an order asks and why, before anybody signs it. */
export type OrderWish = Pick<wire.Order.$Properties, "reason" | "extend" | "restrict" | "hold" | "release" | "newKeys">;

/** Where the lender's books stand. */
export interface LenderBook {
	readonly paidUntilUnixSeconds: number;
	/** Orders that the phone has not asked for yet. */
	readonly waiting: readonly OrderWish[];
	/** Highest order sequence that was signed or that the phone told of. */
	readonly sequence: number;
	readonly isSilent: boolean;
	readonly isFeedStale: boolean;
	readonly isPaidOff: boolean;
	/** Version of the key set in use; each has a command key of its own. */
	readonly keySetVersion: number;
	readonly keySetIssuedAtUnixSeconds: number;
	/** Every key set after the first, in order: a phone that was away takes them all. */
	readonly newerKeySets: readonly Uint8Array[];
}

/** What the lender signed, and its books after that. */
export interface Posted {
	readonly book: LenderBook;
	readonly envelope: Uint8Array;
}

/** The other end of the line: a lender with keys of its own, made from the seed, which signs what a real registry would. */
export interface SimulatedLender {
	readonly deviceId: string;
	readonly imeis: readonly [string, string];
	/** For terms that are made here; a real contract brings its own. */
	readonly releaseDigest: Uint8Array;
	readonly releaseCode: string;
	openBook(paidUntilUnixSeconds: number, nowUnixSeconds: number): LenderBook;
	bind(terms: Uint8Array, nowUnixSeconds: number): wire.Bind.$Properties;
	/** Answers a check-in with signed time and every order that waits. */
	answer(book: LenderBook, checkInEnvelope: Uint8Array, nowUnixSeconds: number): Posted;
	/** Signs an order at once, as somebody would who has the key. */
	order(book: LenderBook, wish: OrderWish, nowUnixSeconds: number): Posted;
	/** The code that support reads back for the number on the screen; `undefined` if the number cannot be read. */
	timeCode(book: LenderBook, requestNumber: string, devicePublicKey: Uint8Array, nowUnixSeconds: number): string | undefined;
}

/** A phone of a paid contract asks once a day. */
const NEXT_CHECK_IN_SECONDS = DAY;
const LONGEST_CODE_DAYS = 999;
/** Command keys live 90 days at most; this lender changes them in time. */
const KEYS_LIVE_SECONDS = 60 * DAY;
const COMMAND_EXPIRES_SECONDS = 85 * DAY;
/** As long as a simulated life: changing the other keys is another matter than the one shown. */
const OTHERS_EXPIRE_SECONDS = 5000 * DAY;

export function simulatedLender(
	keys: SimulatedKeys,
	seed: number,
	names: { contractId: string; lenderId: string },
): SimulatedLender {
	const signers = Object.fromEntries(
		Object.entries(ROLES).map(([name, [, count]]) => [
			name,
			Array.from({ length: count }, (_, index) => keys.signer(`${name} ${index}`)),
		]),
	) as unknown as Record<RoleName, SimulatedSigner[]>; // fromEntries forgets the names
	const deviceId = toHex(seededBytes(seed, "device id", 16));
	const codeKey = seededBytes(seed, "code key");
	const address = { deviceId, contractId: names.contractId };
	let draws = 0;
	const releaseSecret = drawReleaseSecret((length) => {
		draws += 1;
		return seededBytes(seed, `release secret ${draws}`, length);
	});

	const commandKeys = new Map([[1, signers.command]]);
	function commandOf(version: number): SimulatedSigner[] {
		const made = commandKeys.get(version) ?? [keys.signer(`command of version ${version}`)];
		commandKeys.set(version, made);
		return made;
	}

	function keySetEnvelope(version: number, now: number): Uint8Array {
		const inUse = { ...signers, command: commandOf(version) };
		const roles = (Object.keys(ROLES) as RoleName[]).map((name) => ({
			role: ROLES[name][0],
			threshold: name === "root" ? 2 : 1,
			keyids: inUse[name].map(({ keyid }) => keyid),
			expiresAtUnixSeconds: name === "root" ? 0 : now + (name === "command" ? COMMAND_EXPIRES_SECONDS : OTHERS_EXPIRE_SECONDS),
		}));
		const payload = encode(wire.KeySet, {
			lenderId: names.lenderId,
			version,
			epoch: 1,
			issuedAtUnixSeconds: now,
			keys: Object.values(inUse)
				.flat()
				.map(({ keyid, publicKey }) => ({ keyid, point: publicKey })),
			roles,
		});
		return sealNow(PayloadType.keySet, payload, signers.root.slice(0, 2));
	}

	function order(before: LenderBook, wish: OrderWish, now: number): Posted {
		const book = { ...before, sequence: before.sequence + 1 };
		const payload = encode(wire.Order, {
			...address,
			lenderId: names.lenderId,
			epoch: 1,
			sequence: book.sequence,
			issuedAtUnixSeconds: now,
			expiresAtUnixSeconds: now + 30 * DAY,
			...wish,
		});
		const envelope = sealNow(PayloadType.order, payload, wish.release ? signers.release : commandOf(book.keySetVersion));
		return { book, envelope };
	}

	function withYoungKeys(book: LenderBook, now: number): LenderBook {
		if (now - book.keySetIssuedAtUnixSeconds < KEYS_LIVE_SECONDS) return book;
		const keySetVersion = book.keySetVersion + 1;
		const newerKeySets = [...book.newerKeySets, keySetEnvelope(keySetVersion, now)];
		return { ...book, keySetVersion, keySetIssuedAtUnixSeconds: now, newerKeySets };
	}

	return {
		deviceId,
		imeis: ["866907051234564", "866907051234648"],
		releaseDigest: releaseDigest(nobleCrypto, address, releaseSecret),
		releaseCode: writeReleaseCode(releaseSecret),
		openBook: (paidUntilUnixSeconds, now) => ({
			paidUntilUnixSeconds,
			waiting: [],
			sequence: 0,
			isSilent: false,
			isFeedStale: false,
			isPaidOff: false,
			keySetVersion: 1,
			keySetIssuedAtUnixSeconds: now,
			newerKeySets: [],
		}),
		bind(terms, now) {
			const consent = encode(wire.Consent, {
				termsSha256: nobleCrypto.sha256(terms),
				language: decode(wire.Terms, terms).languages[0] ?? "en",
				givenAtUnixSeconds: now,
				method: wire.ConsentMethod.CONSENT_METHOD_ON_DEVICE,
			});
			const binding = encode(wire.Binding, {
				...address,
				lenderId: names.lenderId,
				imei1: this.imeis[0],
				imei2: this.imeis[1],
				serial: SIMULATED_SERIAL,
				termsSha256: nobleCrypto.sha256(terms),
				consentSha256: nobleCrypto.sha256(consent),
				keySetVersion: 1,
				epoch: 1,
				issuedAtUnixSeconds: now,
				expiresAtUnixSeconds: now + DAY,
				nonce: seededBytes(seed, "binding nonce", 16),
				codeKeySha256: nobleCrypto.sha256(codeKey),
			});
			const bindingEnvelope = sealNow(PayloadType.binding, binding, signers.enroll);
			return { keySetEnvelopes: [keySetEnvelope(1, now)], bindingEnvelope, terms, consent, codeKey };
		},
		answer(before, checkInEnvelope, now) {
			const asked = decode(wire.CheckIn, decode(wire.Envelope, checkInEnvelope).payload);
			// Whoever stole a key may have used up numbers: the phone tells, and the lender goes on after them.
			let book: LenderBook = { ...withYoungKeys(before, now), sequence: Math.max(before.sequence, asked.lastSequence) };
			const newer = book.newerKeySets.slice(Math.max(0, asked.keySetVersion - 1));
			const renewal: OrderWish[] =
				newer.length > 0 ? [{ reason: wire.ReasonCode.REASON_CODE_UNSPECIFIED, newKeys: { keySetEnvelopes: newer } }] : [];
			const orderEnvelopes: Uint8Array[] = [];
			for (const wish of [...renewal, ...book.waiting]) {
				const signed = order(book, wish, now);
				book = signed.book;
				orderEnvelopes.push(signed.envelope);
			}
			const payload = encode(wire.CheckInReply, {
				deviceId: asked.deviceId,
				contractId: asked.contractId,
				nonce: asked.nonce,
				counter: asked.counter,
				serverTimeUnixSeconds: now,
				orderEnvelopes,
				nextCheckInSeconds: NEXT_CHECK_IN_SECONDS,
				paymentFeedStale: book.isFeedStale,
			});
			const envelope = sealNow(PayloadType.checkInReply, payload, signers.heartbeat);
			return { book: { ...book, waiting: [] }, envelope };
		},
		order,
		timeCode(book, requestNumber, devicePublicKey, now) {
			const read = readRequestNumber(requestNumber);
			if (!read) return undefined;
			const secret = timeCodeSecret(nobleCrypto, codeKey, devicePublicKey);
			const days = Math.min(Math.ceil((book.paidUntilUnixSeconds - now) / DAY), LONGEST_CODE_DAYS);
			// Fewer than ten thousand codes in a life: the digits shown are the whole counter.
			const request = { counter: read.counterDigits, nonce: read.nonce };
			const said = days > 0 ? ({ kind: "set", value: days } as const) : ({ kind: "contact", value: 0 } as const);
			return writeTimeCode(nobleCrypto, secret, address, { ...said, ...request });
		},
	};
}

/** Serial number of every simulated phone. */
export const SIMULATED_SERIAL = "SIMULATED";
