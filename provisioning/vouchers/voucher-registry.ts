import { type Crypto, toHex } from "../../proto/crypto.ts";
import { acceptReceipt } from "../../proto/receipt.ts";
import { FaultError, faultError } from "../handset/fault.ts";
import type { EnrollmentOffer, HandsetIdentity, ReceiptAnswer, RegistryPort } from "../procedure/registry-port.ts";
import { toBase64 } from "../registry/base64.ts";
import { createKeySetTrust, type KeySetPins } from "../registry/clients/key-set-trust.ts";
import type { StationClient } from "../registry/clients/station-client.ts";
import { verifyOffer } from "../registry/clients/verify-answers.ts";
import { isSilence, type RegistryHealth, whileUp } from "./registry-health.ts";
import { isClockWrong, isSameHandset, type Voucher, voucherProblem } from "./voucher.ts";
import type { VoucherStore } from "./voucher-store.ts";

/** A receipt that the registry has yet to get, as a journal or a database keeps it. */
export interface QueuedReceipt {
	readonly contractId: string;
	readonly enrollmentId: string;
	/** In base64, as the phone signed it. */
	readonly receiptEnvelope: string;
	/** In base64: EnrollmentEvidence. */
	readonly evidence: string;
}

export interface VoucherRegistryOptions {
	/** The registry over the network. */
	readonly online: RegistryPort;
	readonly health: RegistryHealth;
	/** Takes back an offer of this station or desk. */
	readonly station: Pick<StationClient, "withdrawOffer">;
	readonly vouchers: VoucherStore;
	/** Whom to believe when a voucher is read back from where it was kept. */
	readonly pins?: KeySetPins;
	readonly crypto: Crypto;
	/** This computer's clock: the only one there is without the registry. */
	nowMs(): number;
	/** Writes a receipt down so that no crash loses it. The same enrolment's again is harmless. */
	queueReceipt(receipt: QueuedReceipt): Promise<void>;
}

/**
 * The registry, and vouchers in its place while it cannot be reached. What the registry refuses stays refused: only silence brings out
 * a voucher, and only for exactly the contract and the phone that it names. Cheap to make: one for each run, if its journal asks
 * for that.
 */
export function createVoucherRegistry(options: VoucherRegistryOptions): RegistryPort {
	const { online, health, station, vouchers, crypto, nowMs } = options;

	const ask = <Value>(call: () => Promise<Value>) => whileUp(health, call);

	/** Asks the registry for an offer, and gives back a voucher of ours that is in the way of the very phone it was meant for. */
	async function offerFor(contractId: string, handset: HandsetIdentity): Promise<EnrollmentOffer> {
		const offer = () => ask(() => online.offerEnrollment(contractId, handset));
		try {
			return await offer();
		} catch (error) {
			const voucher = vouchers.find(contractId);
			if (!voucher || !isMisnamed(error, voucher, handset)) throw error;
			await ask(() => station.withdrawOffer(voucher.enrollmentId));
			await vouchers.remove(contractId);
			return offer();
		}
	}

	async function voucherFor(contractId: string, handset: HandsetIdentity): Promise<EnrollmentOffer> {
		if (isClockWrong(vouchers.all(), nowMs())) {
			throw faultError("STATION_CLOCK_WRONG", { details: { "this computer's time": new Date(nowMs()).toISOString() } });
		}
		const problem = voucherProblem(vouchers.find(contractId), contractId, handset, nowMs());
		if (problem) throw problem;
		const { offer } = await vouchers.take(contractId);
		// Again, because it lay on a disk: whoever changed it there must not reach a phone.
		const keySets = createKeySetTrust(crypto, options.pins).extend(offer.keySetEnvelopes);
		verifyOffer(crypto, keySets, contractId, handset, offer);
		return offer;
	}

	/** The registry has answered the phone itself: the secret in the voucher is of no more use. */
	async function dropOnceContacted<Known extends { contractId: string; state: string }>(known: Known): Promise<Known> {
		if (known.state !== "offered" && known.state !== "confirmed") await vouchers.remove(known.contractId);
		return known;
	}

	return {
		async offerEnrollment(contractId, handset) {
			try {
				const offer = await dropOnceContacted(await offerFor(contractId, handset));
				// The same binding as in the voucher: once a phone may hold it, nobody may withdraw it.
				await vouchers.markUsed(contractId);
				return offer;
			} catch (error) {
				if (!isSilence(error)) throw error;
				return voucherFor(contractId, handset);
			}
		},
		async confirmEnrollment(enrollmentId, receiptEnvelope, evidence) {
			try {
				return await ask(() => online.confirmEnrollment(enrollmentId, receiptEnvelope, evidence));
			} catch (error) {
				if (!isSilence(error)) throw error;
				const answer = answerOf(crypto, enrollmentId, receiptEnvelope);
				await options.queueReceipt({
					contractId: answer.contractId,
					enrollmentId,
					receiptEnvelope: toBase64(receiptEnvelope),
					evidence: toBase64(evidence),
				});
				return answer;
			}
		},
		async enrollmentOf(contractId) {
			const status = await ask(() => online.enrollmentOf(contractId));
			return status && dropOnceContacted(status);
		},
		relayCheckIn: (checkInEnvelope) => ask(() => online.relayCheckIn(checkInEnvelope)),
		grantRelease: (contractId) => ask(() => online.grantRelease(contractId)),
	};
}

/**
 * The registry has the contract bound to the phone of our own voucher, which nobody was given, and that is this phone but for its
 * serial number: boxes carry other ones than phones tell over the cable. All IMEIs agree, so it is the right phone.
 */
function isMisnamed(error: unknown, voucher: Voucher, handset: HandsetIdentity): boolean {
	return (
		error instanceof FaultError &&
		error.fault.code === "CONTRACT_BOUND_ELSEWHERE" &&
		error.fault.details?.enrollmentId === voucher.enrollmentId &&
		!voucher.used &&
		isSameHandset({ ...voucher.handset, serial: handset.serial }, handset)
	);
}

/** What is known of an enrolment from its receipt alone, which the phone signed and the procedure has proven. */
function answerOf(crypto: Crypto, enrollmentId: string, receiptEnvelope: Uint8Array): ReceiptAnswer {
	const { deviceId, contractId, imeis, serial, bindingSha256 } = acceptReceipt(crypto, receiptEnvelope);
	const [imei1 = "", imei2] = imeis;
	return {
		enrollmentId,
		deviceId,
		contractId,
		imei1,
		...(imei2 === undefined ? {} : { imei2 }),
		serial,
		state: "offered",
		bindingSha256: toHex(bindingSha256),
		queued: true,
	};
}
