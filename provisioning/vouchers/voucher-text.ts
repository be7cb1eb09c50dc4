import { type Static, Type } from "typebox";
import { Check } from "typebox/value";

import { decodeCanonical } from "../../proto/codec.ts";
import { PayloadType, readEnvelope } from "../../proto/envelope.ts";
import { ProtocolError } from "../../proto/error.ts";
import { parseImei } from "../../proto/imei.ts";
import { wire } from "../../proto/wire.ts";
import type { EnrollmentOffer, HandsetIdentity } from "../procedure/registry-port.ts";
import { EnrollmentOffer as OfferJson } from "../registry/api.ts";
import { fromBase64, toBase64 } from "../registry/base64.ts";
import type { Voucher } from "./voucher.ts";

const VoucherJson = Type.Object({
	version: Type.Literal(1),
	handset: Type.Object({
		imei1: Type.String(),
		imei2: Type.Optional(Type.String()),
		serial: Type.String(),
		model: Type.String(),
	}),
	offer: OfferJson,
});

/** What is kept of a voucher. It holds the phone's code key: a secret. */
export interface VoucherContent {
	readonly handset: HandsetIdentity;
	readonly offer: EnrollmentOffer;
}

/** A voucher as the text that is kept. */
export function writeVoucher({ handset, offer }: VoucherContent): string {
	const json: Static<typeof VoucherJson> = {
		version: 1,
		handset: { ...handset },
		offer: {
			...offer,
			keySetEnvelopes: offer.keySetEnvelopes.map(toBase64),
			bindingEnvelope: toBase64(offer.bindingEnvelope),
			terms: toBase64(offer.terms),
			consent: toBase64(offer.consent),
			codeKey: toBase64(offer.codeKey),
		},
	};
	return `${JSON.stringify(json)}\n`;
}

/** Reads a voucher's text by its shape; nothing of it is verified. `undefined` for whatever is no voucher. */
export function readVoucher(text: string): VoucherContent | undefined {
	try {
		const json: unknown = JSON.parse(text);
		if (!Check(VoucherJson, json)) return undefined;
		const { offer, handset } = json;
		const imei1 = imeiIn(handset.imei1);
		const imei2 = handset.imei2 === undefined ? undefined : imeiIn(handset.imei2);
		return {
			handset: { imei1, ...(imei2 === undefined ? {} : { imei2 }), serial: handset.serial, model: handset.model },
			offer: {
				...offer,
				keySetEnvelopes: offer.keySetEnvelopes.map(fromBase64),
				bindingEnvelope: fromBase64(offer.bindingEnvelope),
				terms: fromBase64(offer.terms),
				consent: fromBase64(offer.consent),
				codeKey: fromBase64(offer.codeKey ?? ""),
			},
		};
	} catch {
		return undefined;
	}
}

function imeiIn(text: string) {
	const parsed = parseImei(text);
	if ("problem" in parsed) throw new RangeError(parsed.problem);
	return parsed.imei;
}

/** A voucher without what its text alone should hold. `undefined` if there is no binding in it. */
export function voucherOf({ handset, offer }: VoucherContent, used: boolean): Voucher | undefined {
	try {
		const binding = decodeCanonical(wire.Binding, readEnvelope(offer.bindingEnvelope, PayloadType.binding).payload);
		return {
			contractId: offer.contractId,
			handset,
			enrollmentId: offer.enrollmentId,
			issuedAtMs: binding.issuedAtUnixSeconds * 1000,
			expiresAtMs: binding.expiresAtUnixSeconds * 1000,
			used,
		};
	} catch (error) {
		if (error instanceof ProtocolError) return undefined;
		throw error;
	}
}
