import { appendAudit } from "../audit-log.ts";
import { fromBase64 } from "../base64.ts";
import { sqlState } from "../database/connection-errors.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import type {
	AttestationSettings,
	AttestationSettingsChange,
	AttestationState,
	TrustRequest,
	TrustState,
	TrustWithStatus,
} from "./attestation-request.ts";
import { type AttestationRules, keySetsOfEpoch, readSettings } from "./store.ts";
import { acceptTrust, TrustError } from "./trust.ts";

/** How far a list may be dated ahead of this registry's clock, seconds. */
const CLOCK_TOLERANCE = 300;

/** What is asked for, and whom the registry believes. */
export async function readAttestation(context: RegistryContext): Promise<AttestationState> {
	const rules = await context.attestation.rules();
	return { settings: rules.settings, trust: trustState(rules, nowSeconds(context)) };
}

/** The same lists whole. */
export async function readTrustWithStatus(context: RegistryContext): Promise<TrustWithStatus> {
	const rules = await context.attestation.rules();
	const { status } = rules.trust;
	return {
		trust: trustState(rules, nowSeconds(context)),
		...(status ? { status: Object.fromEntries(status) } : {}),
		nextVersion: rules.latestVersion + 1,
	};
}

function trustState({ trust, document }: AttestationRules, now: number): TrustState {
	return {
		version: trust.version,
		roots: [...trust.roots].map(([publicKeySha256, name]) => ({ publicKeySha256, name })),
		...(document === undefined
			? {}
			: { issuedAtUnixSeconds: document.issuedAtUnixSeconds, expiresAtUnixSeconds: document.expiresAtUnixSeconds }),
		isExpired: now >= trust.expiresAtSeconds,
		...(trust.status ? { revoked: trust.status.size } : {}),
	};
}

/**
 * Takes lists that the lender signed. Versions only grow: an older list, which lacks what was revoked since, is refused.
 *
 * @throws {Refusal} BAD_REQUEST, CONFLICT.
 */
export async function installTrust(context: RegistryContext, request: TrustRequest): Promise<AttestationState> {
	const { envelope, status } = bytesOf(request);
	const now = nowSeconds(context);
	const { document, trust } = accepted(context, envelope, status);
	if (document.issuedAtUnixSeconds > now + CLOCK_TOLERANCE || document.expiresAtUnixSeconds <= now) {
		throw refusal("BAD_REQUEST", "The lists are dated ahead, or have expired.", "Check the clocks, then make them again.");
	}
	await inTransaction(context, async (transaction) => {
		const latest = await transaction
			.selectFrom("attestation_trust")
			.select("version")
			.orderBy("version", "desc")
			.limit(1)
			.executeTakeFirst();
		if (document.version <= (latest?.version ?? 0)) throw notNewer(latest?.version ?? 0);
		await transaction
			.insertInto("attestation_trust")
			.values({ version: document.version, envelope, status: status ?? null, installed_at: now })
			.execute();
		await appendAudit(transaction, {
			subject: "attestation",
			at: now,
			actor: context.actor,
			action: "attestation.trust",
			details: {
				version: document.version,
				roots: document.roots.map(({ publicKeySha256 }) => publicKeySha256.slice(0, 16)).join(" "),
				revoked: trust.status?.size ?? 0,
				expiresAtUnixSeconds: document.expiresAtUnixSeconds,
			},
		});
	}).catch((error: unknown) => {
		// 23505 unique_violation: two at once, and the other was first.
		throw sqlState(error) === "23505" ? notNewer(document.version) : error;
	});
	context.attestation.forget();
	return readAttestation(context);
}

function bytesOf({ envelope, status }: TrustRequest) {
	try {
		return { envelope: fromBase64(envelope), status: status === undefined ? undefined : fromBase64(status) };
	} catch {
		throw refusal("BAD_REQUEST", "A field is not base64.", "See /openapi.json.");
	}
}

function accepted(context: RegistryContext, envelope: Uint8Array, status: Uint8Array | undefined) {
	try {
		return acceptTrust(context.crypto, keySetsOfEpoch(context.keys), { envelope, status });
	} catch (error) {
		if (!(error instanceof TrustError)) throw error;
		throw refusal("BAD_REQUEST", `The lists are not taken: ${error.message}.`, "Make them with holdfast attestation update.");
	}
}

function notNewer(version: number) {
	return refusal("CONFLICT", `The registry has version ${version} of the lists, or a newer one.`, "Start the update again.");
}

/** Changes what is asked for. It counts from the next phone on; nothing that was judged is judged again by it at once. */
export async function changeAttestationSettings(
	context: RegistryContext,
	change: AttestationSettingsChange,
): Promise<AttestationSettings> {
	const settings = await inTransaction(context, async (transaction) => {
		const row = await transaction
			.selectFrom("attestation_settings")
			.select("settings")
			.where("id", "=", 1)
			.forUpdate()
			.executeTakeFirstOrThrow();
		const after: AttestationSettings = { ...readSettings(row.settings), ...change };
		await transaction
			.updateTable("attestation_settings")
			.set({ settings: JSON.stringify(after) })
			.where("id", "=", 1)
			.execute();
		const { agentCertificates, bootKeys, ...plain } = after;
		await appendAudit(transaction, {
			subject: "attestation",
			at: nowSeconds(context),
			actor: context.actor,
			action: "attestation.settings",
			details: { ...plain, agentCertificates: agentCertificates.join(" "), bootKeys: bootKeys.join(" ") },
		});
		return after;
	});
	context.attestation.forget();
	return settings;
}
