import { createHash, randomBytes } from "node:crypto";

import { decode, encode } from "../../proto/codec.ts";
import type { Signer } from "../../proto/crypto.ts";
import { PayloadType, seal } from "../../proto/envelope.ts";
import { wire } from "../../proto/wire.ts";
import { createTestSigner } from "./test-signer.ts";

export const DAY = 24 * 3600;
export const HOUR = 3600;
/** 2026-06-01T12:00:00Z: when test contracts begin. */
export const EPOCH = 1_780_315_200;
export const IMEI1 = "866907051234564";
export const IMEI2 = "866907051234648";

const sha256 = (bytes: Uint8Array) => Uint8Array.from(createHash("sha256").update(bytes).digest());

type RoleName = "root" | "command" | "heartbeat" | "enroll" | "release";
const ROLES: Record<RoleName, wire.Role> = {
	root: wire.Role.ROLE_ROOT,
	command: wire.Role.ROLE_COMMAND,
	heartbeat: wire.Role.ROLE_HEARTBEAT,
	enroll: wire.Role.ROLE_ENROLL,
	release: wire.Role.ROLE_RELEASE,
};
type Keys = Record<RoleName, Signer[]>;

/** Terms that stand exactly on the house floor: three monthly instalments, paid until a month after {@link EPOCH}. */
export function termsOf(changes: Partial<wire.Terms.$Properties> = {}): wire.Terms.$Properties {
	return {
		contractId: "C-1001",
		lenderId: "lender-1",
		lenderName: "Banco de Prueba",
		accountShown: "00-1001",
		currency: "MXN",
		instalments: [1, 2, 3].map((month) => ({ dueAtUnixSeconds: EPOCH + month * 30 * DAY, amountMinor: 50_000 })),
		ladder: { graceSeconds: 3 * DAY, limitedDwellSeconds: DAY, maxLevel: wire.RestrictionLevel.RESTRICTION_LEVEL_FULL },
		notices: { count: 3, minSpacingSeconds: DAY, minChannels: 2 },
		offline: {
			budgetSeconds: 10 * DAY,
			warnAtRemainingSeconds: [3 * DAY, DAY],
			level: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED,
		},
		passes: { perYear: 2, durationSeconds: DAY },
		contact: {
			supportPhone: "+525512345678",
			supportUrl: "https://lender.example/help",
			payUrl: "https://lender.example/pay",
			payInstructions: "Pague en cualquier tienda",
			disputeUrl: "https://lender.example/dispute",
		},
		languages: ["es", "en"],
		jurisdiction: "default",
		releaseDigest: new Uint8Array(32).fill(7),
		deadLenderReleaseSeconds: 180 * DAY,
		unconfirmedReleaseSeconds: 14 * DAY,
		initialPaidUntilUnixSeconds: EPOCH + 30 * DAY,
		checkInUrl: "https://lender.example/api/",
		essentialPackages: ["example.lender.pay"],
		...changes,
	};
}

/** What may be asked of an order, besides its action. */
export interface OrderChanges extends Partial<wire.Order.$Properties> {
	/** Who signs; the command role by default. */
	signers?: readonly Signer[];
}

/** A lender with real keys, that signs whatever a test asks of it, right or wrong. */
export class TestLender {
	readonly lenderId = "lender-1";
	readonly deviceId = randomBytes(16).toString("hex");
	keys: Keys = createKeys();
	version = 1;
	epoch = 1;
	/** Of the last order signed by {@link order}. */
	sequence = 0;
	readonly keySetEnvelopes: Uint8Array[] = [];
	terms = encode(wire.Terms, termsOf());
	/** Secret that time codes are made with: comes with each binding once it is set. */
	codeKey: Uint8Array = new Uint8Array();

	static async create(terms: wire.Terms.$Properties = termsOf()): Promise<TestLender> {
		const lender = new TestLender();
		lender.terms = encode(wire.Terms, terms);
		lender.keySetEnvelopes.push(await lender.keySetEnvelope());
		return lender;
	}

	/** The present keys as a key set, signed by the present root and by others. */
	async keySetEnvelope(
		changes: Partial<wire.KeySet.$Properties> = {},
		otherSigners: readonly Signer[] = [],
	): Promise<Uint8Array> {
		const roles = (Object.keys(ROLES) as RoleName[]).map((name) => ({
			role: ROLES[name],
			threshold: name === "root" ? 2 : 1,
			keyids: this.keys[name].map((key) => key.keyid),
			expiresAtUnixSeconds: name === "root" ? 0 : EPOCH + (name === "command" ? 80 : 800) * DAY,
		}));
		const keySet: wire.KeySet.$Properties = {
			lenderId: this.lenderId,
			version: this.version,
			epoch: this.epoch,
			issuedAtUnixSeconds: EPOCH - DAY,
			keys: Object.values(this.keys)
				.flat()
				.map((key) => ({ keyid: key.keyid, point: key.publicKey })),
			roles,
			...changes,
		};
		return seal(wire.KeySet, PayloadType.keySet, keySet, [...this.keys.root.slice(0, 2), ...otherSigners]);
	}

	/** New keys for some roles, as the next version; its envelope is signed by the roots of both versions. */
	async rotate(roles: readonly RoleName[], { epoch = this.epoch }: { epoch?: number } = {}): Promise<Uint8Array> {
		const oldRoot = this.keys.root;
		const fresh = createKeys();
		this.keys = { ...this.keys, ...Object.fromEntries(roles.map((role) => [role, fresh[role]])) };
		this.version += 1;
		if (epoch !== this.epoch) this.sequence = 0;
		this.epoch = epoch;
		const envelope = await this.keySetEnvelope({}, roles.includes("root") ? oldRoot.slice(0, 2) : []);
		this.keySetEnvelopes.push(envelope);
		return envelope;
	}

	consent(changes: Partial<wire.Consent.$Properties> = {}, terms = this.terms): Uint8Array {
		return encode(wire.Consent, {
			termsSha256: sha256(terms),
			language: "es",
			givenAtUnixSeconds: EPOCH - 60,
			method: wire.ConsentMethod.CONSENT_METHOD_ON_DEVICE,
			...changes,
		});
	}

	/** A Bind request. Changes are to the binding, before it is signed. */
	async bind(changes: Partial<wire.Binding.$Properties> & { signers?: readonly Signer[]; consent?: Uint8Array } = {}) {
		const { signers = this.keys.enroll, consent = this.consent(), ...binding } = changes;
		return {
			keySetEnvelopes: this.keySetEnvelopes,
			bindingEnvelope: await this.bindingEnvelope({ consentSha256: sha256(consent), ...binding }, signers),
			terms: this.terms,
			consent,
			codeKey: this.codeKey,
		};
	}

	async bindingEnvelope(changes: Partial<wire.Binding.$Properties> = {}, signers: readonly Signer[] = this.keys.enroll) {
		const { contractId = "" } = decode(wire.Terms, this.terms);
		const binding: wire.Binding.$Properties = {
			deviceId: this.deviceId,
			contractId,
			lenderId: this.lenderId,
			imei1: IMEI1,
			imei2: IMEI2,
			serial: "SERIAL1",
			termsSha256: sha256(this.terms),
			consentSha256: sha256(this.consent()),
			keySetVersion: this.version,
			epoch: this.epoch,
			issuedAtUnixSeconds: EPOCH,
			expiresAtUnixSeconds: EPOCH + DAY,
			nonce: new Uint8Array(16).fill(9),
			codeKeySha256: this.codeKey.length > 0 ? sha256(this.codeKey) : new Uint8Array(),
			...changes,
		};
		return seal(wire.Binding, PayloadType.binding, binding, signers);
	}

	/** The next order in sequence, or whatever a test makes of it. */
	async order(changes: OrderChanges): Promise<Uint8Array> {
		const { signers, ...fields } = changes;
		this.sequence = fields.sequence ?? this.sequence + 1;
		const { contractId } = decode(wire.Terms, this.terms);
		const order: wire.Order.$Properties = {
			deviceId: this.deviceId,
			contractId,
			lenderId: this.lenderId,
			epoch: this.epoch,
			sequence: this.sequence,
			issuedAtUnixSeconds: EPOCH,
			expiresAtUnixSeconds: EPOCH + 700 * DAY,
			reason: wire.ReasonCode.REASON_CODE_OVERDUE,
			...fields,
		};
		return seal(wire.Order, PayloadType.order, order, signers ?? (fields.release ? this.keys.release : this.keys.command));
	}

	/** The answer to a check-in, at a time. */
	async reply(
		checkInEnvelope: Uint8Array,
		serverTimeUnixSeconds: number,
		changes: Partial<wire.CheckInReply.$Properties> & { signers?: readonly Signer[] } = {},
	): Promise<Uint8Array> {
		const { signers = this.keys.heartbeat, ...fields } = changes;
		const checkIn = readCheckIn(checkInEnvelope);
		const reply: wire.CheckInReply.$Properties = {
			deviceId: checkIn.deviceId,
			contractId: checkIn.contractId,
			nonce: checkIn.nonce,
			counter: checkIn.counter,
			serverTimeUnixSeconds,
			orderEnvelopes: [],
			nextCheckInSeconds: 6 * HOUR,
			paymentFeedStale: false,
			...fields,
		};
		return seal(wire.CheckInReply, PayloadType.checkInReply, reply, signers);
	}
}

/** What a phone said in a check-in. */
export function readCheckIn(envelope: Uint8Array) {
	return decode(wire.CheckIn, decode(wire.Envelope, envelope).payload);
}

function createKeys(): Keys {
	const some = (count: number) => Array.from({ length: count }, createTestSigner);
	return { root: some(3), command: some(1), heartbeat: some(1), enroll: some(1), release: some(1) };
}
