/**
 * The registry over HTTP, for procedures. Exports `createRegistryClient(options): RegistryPort`; `admin-client.ts` is its
 * counterpart for the lender's staff. Believes nothing that is not signed by keys it trusts. Runs in Node and browsers.
 */
import type { Static } from "typebox";

import type { Crypto } from "../../../proto/crypto.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { FaultError, faultError } from "../../handset/fault.ts";
import type { EnrollmentOffer, EnrollmentStatus, RegistryPort, ReleaseGrant } from "../../procedure/registry-port.ts";
import {
	Enrollment,
	EnrollmentList,
	EnrollmentOffer as EnrollmentOfferJson,
	KeySets,
	ReleaseGrant as ReleaseGrantJson,
} from "../api.ts";
import { fromBase64, toBase64 } from "../base64.ts";
import { createKeySetTrust, type KeySetPins } from "./key-set-trust.ts";
import { createRegistryCaller, type RegistryAddress } from "./registry-call.ts";
import { bindingNamedBy, verifyCheckInReply, verifyOffer, verifyReleaseGrant } from "./verify-answers.ts";

export interface RegistryClientOptions extends RegistryAddress {
	/** Whom to believe. */
	readonly pins?: KeySetPins;
	/** Station that asks, where one does: what another one holds by a lease is refused. */
	readonly station?: string;
	/** Default: plain JavaScript, which runs anywhere. */
	readonly crypto?: Crypto;
}

/**
 * @throws {FaultError} from every method: what the registry refused with, REGISTRY_UNREACHABLE, or REGISTRY_UNTRUSTED for an
 * answer that its keys do not back.
 */
export function createRegistryClient(options: RegistryClientOptions): RegistryPort {
	const { crypto = nobleCrypto, station } = options;
	const caller = createRegistryCaller(options);
	const trust = createKeySetTrust(crypto, options.pins);

	async function learnKeySets(): Promise<void> {
		const { keySetEnvelopes } = await caller.json({ method: "GET", path: "/v1/key-sets", answer: KeySets });
		trust.extend(keySetEnvelopes.map(bytes));
	}

	/** Verifies with the keys known so far; only if that fails, and the lender may have rotated them, with the latest. */
	async function verified(verify: () => void): Promise<void> {
		if (trust.keySets.length > 0) {
			try {
				verify();
				return;
			} catch (error) {
				if (!(error instanceof FaultError)) throw error;
			}
		}
		await learnKeySets();
		verify();
	}

	return {
		async offerEnrollment(contractId, handset) {
			const { imei1, imei2, serial, model } = handset;
			const json = await caller.json({
				method: "POST",
				path: "/v1/enrollments",
				json: {
					contractId,
					imei1,
					...(imei2 === undefined ? {} : { imei2 }),
					serial,
					model,
					...(station === undefined ? {} : { station }),
				},
				answer: EnrollmentOfferJson,
			});
			const offer: EnrollmentOffer = {
				enrollmentId: json.enrollmentId,
				deviceId: json.deviceId,
				contractId: json.contractId,
				keySetEnvelopes: json.keySetEnvelopes.map(bytes),
				bindingEnvelope: bytes(json.bindingEnvelope),
				terms: bytes(json.terms),
				consent: bytes(json.consent),
				codeKey: bytes(json.codeKey ?? ""),
				state: json.state,
			};
			verifyOffer(crypto, trust.extend(offer.keySetEnvelopes), contractId, handset, offer);
			return offer;
		},

		async confirmEnrollment(enrollmentId, receiptEnvelope, evidence) {
			const status = await caller.json({
				method: "POST",
				path: `/v1/enrollments/${encodeURIComponent(enrollmentId)}/receipt`,
				json: { receiptEnvelope: toBase64(receiptEnvelope), evidence: toBase64(evidence) },
				answer: Enrollment,
			});
			const isMine = status.enrollmentId === enrollmentId && status.bindingSha256 === bindingNamedBy(receiptEnvelope);
			if (!isMine || status.state === "offered") {
				throw faultError("REGISTRY_UNTRUSTED", { raw: "the receipt was not stored as sent" });
			}
			return statusOf(status);
		},

		async enrollmentOf(contractId) {
			const { enrollments } = await caller.json({
				method: "GET",
				path: `/v1/enrollments?contract=${encodeURIComponent(contractId)}`,
				answer: EnrollmentList,
			});
			const [found] = enrollments;
			if (!found) return undefined;
			if (found.contractId !== contractId) throw faultError("REGISTRY_UNTRUSTED", { raw: "an enrolment of another contract" });
			return statusOf(found);
		},

		async relayCheckIn(checkInEnvelope) {
			const reply = await caller.protobuf("/v1/device/check-in", checkInEnvelope);
			await verified(() => verifyCheckInReply(crypto, trust.keySets, checkInEnvelope, reply));
			return reply;
		},

		async grantRelease(contractId) {
			const json = await caller.json({
				method: "POST",
				path: `/v1/contracts/${encodeURIComponent(contractId)}/release`,
				json: {},
				answer: ReleaseGrantJson,
			});
			const grant: ReleaseGrant = {
				certificateId: json.certificateId,
				releaseEnvelope: bytes(json.releaseEnvelope),
				serviceWindowEnvelope: bytes(json.serviceWindowEnvelope),
			};
			await verified(() => verifyReleaseGrant(crypto, trust.keySets, contractId, grant));
			return grant;
		},
	};
}

function bytes(text: string): Uint8Array {
	try {
		return fromBase64(text);
	} catch (cause) {
		throw faultError("REGISTRY_UNTRUSTED", { raw: "a field is not base64" }, { cause });
	}
}

function statusOf(json: Static<typeof Enrollment>): EnrollmentStatus {
	const {
		enrollmentId,
		deviceId,
		contractId,
		imei1,
		imei2,
		serial,
		state,
		bindingSha256,
		deviceKeyId,
		standing,
		lastCheckInUnixSeconds,
		attestation,
	} = json;
	return {
		enrollmentId,
		deviceId,
		contractId,
		imei1,
		serial,
		state,
		bindingSha256,
		...(imei2 === undefined ? {} : { imei2 }),
		...(deviceKeyId === undefined ? {} : { deviceKeyId }),
		...(standing === undefined ? {} : { standing }),
		...(lastCheckInUnixSeconds === undefined ? {} : { lastCheckInUnixSeconds }),
		...(attestation === undefined ? {} : { attestation }),
	};
}
