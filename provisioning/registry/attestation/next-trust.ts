import type { StatusList, TrustDocument, TrustWithStatus } from "./attestation-request.ts";
import { compareLists, type GoogleList, type ListChange } from "./google-lists.ts";
import { GOOGLE_ROOTS } from "./google-roots.ts";
import { TrustError } from "./trust.ts";

/** The next version of whom to believe, and how it differs from the one before. */
export interface NextTrust {
	readonly document: Omit<TrustDocument, "statusSha256">;
	readonly status: StatusList | undefined;
	readonly roots: ListChange;
	readonly revoked: ListChange;
}

export interface NextTrustOptions {
	readonly lenderId: string;
	readonly nowSeconds: number;
	readonly lifeSeconds: number;
	/** SHA-256 of root keys that nobody has heard of, said by the person who read them elsewhere. */
	readonly acceptedRoots: readonly string[];
}

/**
 * Makes the next version from what the registry has and what Google publishes now; a list that is not among those given stays. A new
 * root would vouch for every phone there is: it is only taken when its key is named.
 *
 * @throws {TrustError}
 */
export function nextTrust(current: TrustWithStatus, lists: readonly GoogleList[], options: NextTrustOptions): NextTrust {
	for (const kind of ["roots", "status"]) {
		if (lists.filter((list) => list.kind === kind).length > 1) throw new TrustError(`the list of ${kind} was given twice`);
	}
	const roots = lists.flatMap((list) => (list.kind === "roots" ? list.roots : []));
	const wanted = roots.length > 0 ? roots : current.trust.roots;
	const known = new Set([...GOOGLE_ROOTS, ...current.trust.roots].map(({ publicKeySha256 }) => publicKeySha256));
	const unheard = wanted.find(
		({ publicKeySha256 }) => !known.has(publicKeySha256) && !options.acceptedRoots.includes(publicKeySha256),
	);
	if (unheard) {
		throw new TrustError(
			`the root "${unheard.name}" is new. Compare its key with what Google publishes, then say --accept-root ${unheard.publicKeySha256}`,
		);
	}
	const status = lists.find((list) => list.kind === "status")?.status ?? current.status;
	const byKey = (list: readonly { publicKeySha256: string; name: string }[]) =>
		Object.fromEntries(list.map(({ publicKeySha256, name }) => [publicKeySha256, name]));
	return {
		document: {
			lenderId: options.lenderId,
			version: current.nextVersion,
			issuedAtUnixSeconds: options.nowSeconds,
			expiresAtUnixSeconds: options.nowSeconds + options.lifeSeconds,
			roots: wanted.map(({ name, publicKeySha256 }) => ({ name, publicKeySha256 })),
		},
		status,
		roots: compareLists(byKey(current.trust.roots), byKey(wanted)),
		revoked: compareLists(current.status ?? {}, status ?? {}),
	};
}
