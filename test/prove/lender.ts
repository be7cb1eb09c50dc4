import { encode } from "../../proto/codec.ts";
import { PayloadType } from "../../proto/envelope.ts";
import { wire } from "../../proto/wire.ts";
import { EPOCH, IMEI1, IMEI2 } from "../agent/test-lender.ts";
import { type SymbolicSigner, sealNow, symbolicCrypto, symbolicSigner } from "./symbolic-crypto.ts";

const DAY = 24 * 3600;
export const DEVICE_ID = "0123456789abcdef0123456789abcdef";

type RoleName = "root" | "command" | "heartbeat" | "enroll" | "release";
const ROLES: Record<RoleName, wire.Role> = {
	root: wire.Role.ROLE_ROOT,
	command: wire.Role.ROLE_COMMAND,
	heartbeat: wire.Role.ROLE_HEARTBEAT,
	enroll: wire.Role.ROLE_ENROLL,
	release: wire.Role.ROLE_RELEASE,
};

/** Who holds what at one version of a lender's keys. */
export type Keyring = Readonly<Record<RoleName, readonly SymbolicSigner[]>>;

/** Keys by numbers from `first` on. */
export function keyring(first: number): Keyring {
	const some = (from: number, count: number) => Array.from({ length: count }, (_, index) => symbolicSigner(first + from + index));
	return { root: some(0, 3), command: some(3, 1), heartbeat: some(4, 1), enroll: some(5, 1), release: some(6, 1) };
}

/** When the roles of a key set end, seconds after {@link EPOCH}. */
export interface Lifetimes {
	readonly command: number;
	readonly others: number;
}

/** A key set as its root signs it; a rotation is signed by the root before it as well. */
export function keySetEnvelope(
	keys: Keyring,
	{ version, epoch, lifetimes }: { version: number; epoch: number; lifetimes: Lifetimes },
	rootBefore: readonly SymbolicSigner[] = [],
): Uint8Array {
	const names = Object.keys(ROLES) as RoleName[]; // the keys of a constant
	const roles = names.map((name) => ({
		role: ROLES[name],
		threshold: name === "root" ? 2 : 1,
		keyids: keys[name].map((key) => key.keyid),
		expiresAtUnixSeconds: name === "root" ? 0 : EPOCH + (name === "command" ? lifetimes.command : lifetimes.others),
	}));
	const all = names.flatMap((name) => keys[name]);
	const keySet: wire.KeySet.$Properties = {
		lenderId: "lender-1",
		version,
		epoch,
		issuedAtUnixSeconds: EPOCH - DAY,
		keys: all.map((key) => ({ keyid: key.keyid, point: key.publicKey })),
		roles,
	};
	return sealNow(wire.KeySet, PayloadType.keySet, keySet, [...keys.root.slice(0, 2), ...rootBefore.slice(0, 2)]);
}

/** The lender of a world: terms, the keys of its first version, and whatever it may sign. */
export class SymbolicLender {
	readonly termsBytes: Uint8Array;
	readonly firstKeySet: Uint8Array;

	constructor(
		readonly terms: wire.Terms.$Properties,
		readonly keys: Keyring,
		readonly lifetimes: Lifetimes = { command: 80 * DAY, others: 800 * DAY },
	) {
		this.termsBytes = encode(wire.Terms, terms);
		this.firstKeySet = keySetEnvelope(keys, { version: 1, epoch: 1, lifetimes });
	}

	consent(termsBytes = this.termsBytes): Uint8Array {
		return encode(wire.Consent, {
			termsSha256: symbolicCrypto.sha256(termsBytes),
			language: "es",
			givenAtUnixSeconds: EPOCH - 60,
			method: wire.ConsentMethod.CONSENT_METHOD_ON_DEVICE,
		});
	}

	binding(changes: Partial<wire.Binding.$Properties> = {}, signers = this.keys.enroll): Uint8Array {
		return sealNow(
			wire.Binding,
			PayloadType.binding,
			{
				deviceId: DEVICE_ID,
				contractId: this.terms.contractId ?? "",
				lenderId: "lender-1",
				imei1: IMEI1,
				imei2: IMEI2,
				serial: "SERIAL1",
				termsSha256: symbolicCrypto.sha256(this.termsBytes),
				consentSha256: symbolicCrypto.sha256(this.consent()),
				keySetVersion: 1,
				epoch: 1,
				issuedAtUnixSeconds: EPOCH,
				expiresAtUnixSeconds: EPOCH + DAY,
				nonce: new Uint8Array(16).fill(9),
				...changes,
			},
			signers,
		);
	}

	bind(changes: Partial<wire.Bind.$Properties> = {}, binding: Partial<wire.Binding.$Properties> = {}): wire.Bind.$Properties {
		return {
			keySetEnvelopes: [this.firstKeySet],
			bindingEnvelope: this.binding(binding),
			terms: this.termsBytes,
			consent: this.consent(),
			...changes,
		};
	}

	order(fields: Partial<wire.Order.$Properties>, signers: readonly SymbolicSigner[]): Uint8Array {
		return sealNow(
			wire.Order,
			PayloadType.order,
			{
				deviceId: DEVICE_ID,
				contractId: this.terms.contractId ?? "",
				lenderId: "lender-1",
				epoch: 1,
				issuedAtUnixSeconds: EPOCH,
				expiresAtUnixSeconds: EPOCH + 4000 * DAY,
				reason: wire.ReasonCode.REASON_CODE_OVERDUE,
				...fields,
			},
			signers,
		);
	}

	/** An answer to a question, signed by the heartbeat key unless somebody else's is given. */
	reply(
		question: { counter: number; nonce: Uint8Array },
		serverTimeUnixSeconds: number,
		fields: Partial<wire.CheckInReply.$Properties> = {},
		signers: readonly SymbolicSigner[] = this.keys.heartbeat,
	): Uint8Array {
		return sealNow(
			wire.CheckInReply,
			PayloadType.checkInReply,
			{
				deviceId: DEVICE_ID,
				contractId: this.terms.contractId ?? "",
				nonce: question.nonce,
				counter: question.counter,
				serverTimeUnixSeconds,
				orderEnvelopes: [],
				nextCheckInSeconds: 6 * 3600,
				paymentFeedStale: false,
				...fields,
			},
			signers,
		);
	}
}
