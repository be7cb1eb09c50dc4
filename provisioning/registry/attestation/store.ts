import { Check } from "typebox/value";

import type { Crypto } from "../../../proto/crypto.ts";
import type { RegistryClock } from "../clock-file.ts";
import type { RegistryDatabase } from "../database/database.ts";
import type { LenderKeys } from "../keys/lender-keys.ts";
import { AttestationSettings, type TrustDocument } from "./attestation-request.ts";
import type { AttestationTrust } from "./check-chain.ts";
import { acceptTrust, BUILT_IN_TRUST, TrustError } from "./trust.ts";

/** By what a chain is judged at this moment. */
export interface AttestationRules {
	readonly settings: AttestationSettings;
	readonly trust: AttestationTrust;
	/** What the lender signed; `undefined`: nothing that counts yet. */
	readonly document: TrustDocument | undefined;
	/** Version of the latest lists that were ever installed, whether or not they count; 0 = none. */
	readonly latestVersion: number;
}

/** The lender's lists and settings, as every registry on this database knows them. */
export interface AttestationStore {
	/** Never inside a transaction: it asks the database by itself. */
	rules(): Promise<AttestationRules>;
	/** The same as they were some seconds ago at the earliest: for check-ins, of which there are very many. */
	recentRules(): Promise<AttestationRules>;
	/** They were changed here: read them again. */
	forget(): void;
}

/** Seconds of the registry's clock. */
const RECENT_SECONDS = 10;

/** @param keys whose `enroll` role, in this epoch, the lists must be signed by: what lies in the database alone is not believed. */
export function createAttestationStore(
	database: RegistryDatabase,
	keys: LenderKeys,
	crypto: Crypto,
	clock: RegistryClock,
): AttestationStore {
	let recent: { readonly atMs: number; readonly rules: Promise<AttestationRules> } | undefined;
	let known:
		| { readonly version: number; readonly keySet: number; readonly read: ReturnType<typeof acceptTrust> | undefined }
		| undefined;

	async function readTrust(version: number) {
		const row = await database.kysely
			.selectFrom("attestation_trust")
			.select(["envelope", "status"])
			.where("version", "=", version)
			.executeTakeFirstOrThrow();
		try {
			const read = acceptTrust(crypto, keySetsOfEpoch(keys), { envelope: row.envelope, status: row.status ?? undefined });
			return read.document.version === version ? read : undefined;
		} catch (error) {
			// Of another epoch, or changed in the database: as if there were none. It says so where it is looked at.
			if (error instanceof TrustError) return undefined;
			throw error;
		}
	}

	async function rules(): Promise<AttestationRules> {
		const { kysely } = database;
		const [{ settings }, latest] = await Promise.all([
			kysely.selectFrom("attestation_settings").select("settings").where("id", "=", 1).executeTakeFirstOrThrow(),
			kysely.selectFrom("attestation_trust").select("version").orderBy("version", "desc").limit(1).executeTakeFirst(),
		]);
		const version = latest?.version ?? 0;
		const keySet = keys.current.version; // a new epoch of keys ends what the old one signed
		if (known?.version !== version || known.keySet !== keySet)
			known = { version, keySet, read: version === 0 ? undefined : await readTrust(version) };
		const { read } = known;
		return {
			settings: readSettings(settings),
			trust: read?.trust ?? BUILT_IN_TRUST,
			document: read?.document,
			latestVersion: version,
		};
	}

	return {
		rules,
		recentRules() {
			const atMs = clock.nowMs();
			if (recent && atMs >= recent.atMs && atMs < recent.atMs + RECENT_SECONDS * 1000) return recent.rules;
			const asked = { atMs, rules: rules() };
			recent = asked;
			asked.rules.catch(() => {
				if (recent === asked) recent = undefined;
			});
			return asked.rules;
		},
		forget() {
			recent = undefined;
		},
	};
}

export function keySetsOfEpoch({ keySets, current }: LenderKeys) {
	return keySets.filter(({ epoch }) => epoch === current.epoch);
}

/** @throws where the row was changed by hand to something else. */
export function readSettings(text: string): AttestationSettings {
	const settings: unknown = JSON.parse(text);
	if (!Check(AttestationSettings, settings)) throw new Error("the attestation settings in the database cannot be read");
	return settings;
}
