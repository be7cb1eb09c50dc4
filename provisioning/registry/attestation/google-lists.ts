import { createHash, X509Certificate } from "node:crypto";

import { type Static, Type } from "typebox";
import { Check } from "typebox/value";

import type { StatusList } from "./attestation-request.ts";
import type { AttestationRoot } from "./google-roots.ts";
import { TrustError } from "./trust.ts";

/** One of Google's two lists, as its address gives it. */
export type GoogleList =
	| { readonly kind: "roots"; readonly roots: readonly AttestationRoot[] }
	| { readonly kind: "status"; readonly status: StatusList };

/** Largest list that is read, in bytes. */
export const MAX_LIST_BYTES = 8 * 1024 * 1024;
const MAX_ROOTS = 50;
const MAX_ENTRIES = 200_000;

/** https://android.googleapis.com/attestation/root */
const RootsFile = Type.Array(Type.String({ maxLength: 20_000 }), { minItems: 1, maxItems: MAX_ROOTS });
/** https://android.googleapis.com/attestation/status */
const StatusFile = Type.Object({
	entries: Type.Record(Type.String(), Type.Object({ status: Type.Union([Type.Literal("REVOKED"), Type.Literal("SUSPENDED")]) })),
});

/** Tells by its shape which list it is. @throws {TrustError} */
export function readGoogleList(text: string): GoogleList {
	if (text.length > MAX_LIST_BYTES) throw new TrustError("it is too large for one of Google's lists");
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (cause) {
		throw new TrustError("it is no JSON", { cause });
	}
	if (Check(RootsFile, value)) return { kind: "roots", roots: value.map(readRoot) };
	if (Check(StatusFile, value)) return { kind: "status", status: readEntries(value) };
	throw new TrustError(
		"it is neither Google's list of roots nor its list of revoked certificates, or it has a status that is new",
	);
}

function readRoot(pem: string): AttestationRoot {
	try {
		const certificate = new X509Certificate(pem);
		const { publicKey } = certificate;
		if (!certificate.verify(publicKey)) throw new Error("it does not sign itself");
		const spki = publicKey.export({ type: "spki", format: "der" });
		return {
			name: certificate.subject.split("\n").join(","),
			publicKeySha256: createHash("sha256").update(spki).digest("hex"),
		};
	} catch (cause) {
		throw new TrustError("a root in it cannot be read", { cause });
	}
}

/** Google names serial numbers in lower-case hex without leading zeros (developer.android.com, certificate status list). */
function readEntries({ entries }: Static<typeof StatusFile>): StatusList {
	const rows = Object.entries(entries);
	if (rows.length > MAX_ENTRIES) throw new TrustError("more entries than anybody revokes");
	return Object.fromEntries(
		rows.map(([serial, { status }]) => {
			if (!/^[0-9a-f]{1,64}$/.test(serial)) throw new TrustError(`"${serial.slice(0, 70)}" is no serial number`);
			return [serial.replace(/^0+(?=.)/, ""), status];
		}),
	);
}

/** What a new list changes. */
export interface ListChange {
	readonly added: readonly string[];
	readonly removed: readonly string[];
	/** REVOKED became SUSPENDED, or the other way round. */
	readonly changed: readonly string[];
}

/** By name of what is in two lists: a serial number with its status, or a root's digest with its name. */
export function compareLists(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): ListChange {
	return {
		added: Object.keys(after).filter((name) => !Object.hasOwn(before, name)),
		removed: Object.keys(before).filter((name) => !Object.hasOwn(after, name)),
		changed: Object.keys(after).filter((name) => Object.hasOwn(before, name) && before[name] !== after[name]),
	};
}
