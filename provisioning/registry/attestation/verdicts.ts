import { createHash } from "node:crypto";

import type { Selectable, Transaction } from "kysely";

import { AGENT_PACKAGE } from "../../../proto/android-agent.ts";
import { ProtocolError } from "../../../proto/error.ts";
import { acceptReceipt, type BindingReceipt } from "../../../proto/receipt.ts";
import { canonicalJson } from "../access/canonical-json.ts";
import type { Enrollment } from "../api.ts";
import { appendAudit } from "../audit-log.ts";
import type { AttestationsTable } from "../database/attestation-schema.ts";
import type { Connection } from "../database/database.ts";
import type { EnrollmentRow, Tables } from "../database/schema.ts";
import { Refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { AttestationReport, AttestationSettings, AttestationStory } from "./attestation-request.ts";
import type { AttestationRequirements } from "./check-statement.ts";
import { FINDINGS } from "./finding-codes.ts";
import { judgeAttestation } from "./judge.ts";
import type { AttestationRules } from "./store.ts";
import type { AttestationVerdict } from "./verdict.ts";

type Handset = Pick<EnrollmentRow, "imei1" | "imei2" | "serial">;

/** An enrolment that the lender's rules do not allow; carries the verdict, which is kept although nothing else is. */
export class AttestationRefusal extends Refusal {
	constructor(
		readonly contractId: string,
		readonly verdict: AttestationVerdict,
	) {
		const { code, seen } = verdict.findings.find((finding) => FINDINGS[finding.code].weight !== "note") ?? {};
		super("ATTESTATION_REFUSED", {
			detail: code === undefined ? "The phone sent no attestation of its key." : FINDINGS[code].what,
			next: code === undefined ? "Take a phone of a model that attests its keys, or ask the lender." : FINDINGS[code].next,
			details: {
				result: verdict.result,
				...(code === undefined ? {} : { findings: codesOf(verdict) }),
				...(seen === undefined ? {} : { seen }),
			},
		});
	}
}

/** Judges the chain of a receipt that its device key signed. `undefined`: the lender asks for no judgement. */
export function judgeReceipt(
	{ trust, settings }: AttestationRules,
	receipt: BindingReceipt,
	handset: Handset,
	validAtSeconds: number,
	nowSeconds: number,
): AttestationVerdict {
	return judgeAttestation(
		{
			chain: receipt.attestationChain,
			devicePublicKey: receipt.devicePublicKey,
			expected: {
				challenge: receipt.bindingSha256,
				imeis: [handset.imei1, ...(handset.imei2 === null ? [] : [handset.imei2])],
				serial: handset.serial,
			},
		},
		{ trust, requirements: requirementsOf(settings), validAtSeconds, nowSeconds },
	);
}

function requirementsOf(settings: AttestationSettings): AttestationRequirements {
	const floor = (level: number) => (level === 0 ? undefined : level);
	return {
		packageName: AGENT_PACKAGE,
		agentCertificates: settings.agentCertificates,
		bootKeys: settings.bootKeys,
		osPatchFloor: floor(settings.osPatchFloor),
		vendorPatchFloor: floor(settings.vendorPatchFloor),
		bootPatchFloor: floor(settings.bootPatchFloor),
		needsId: settings.needsId,
		anyTagOrder: settings.anyTagOrder,
	};
}

/** Keeps a verdict beside the key that it is about. */
export async function keepVerdict(
	transaction: Transaction<Tables>,
	key: { readonly deviceId: string; readonly keyGeneration: number },
	policy: "required" | "recorded",
	verdict: AttestationVerdict,
	trustVersion: number,
	at: number,
): Promise<void> {
	await transaction
		.insertInto("attestations")
		.values({
			device_id: key.deviceId,
			key_generation: key.keyGeneration,
			judged_at: at,
			policy,
			trust_version: trustVersion,
			verdict: JSON.stringify(verdict),
		})
		.execute();
}

/** Writes down that a phone was not enrolled, and why: the transaction that would have enrolled it is undone. */
export async function auditRefusal(context: RegistryContext, { contractId, verdict }: AttestationRefusal): Promise<void> {
	await inTransaction(context, (transaction) =>
		appendAudit(transaction, {
			subject: contractId,
			at: nowSeconds(context),
			actor: context.actor,
			action: "attestation.refused",
			details: { result: verdict.result, findings: codesOf(verdict) },
		}),
	);
}

export function codesOf({ findings }: Pick<AttestationVerdict, "findings">): string {
	return findings.map(({ code }) => code).join(" ");
}

/**
 * Judges a phone's chain again by the lists and settings of today: with its first check-in, and then whenever something of them changed
 * that concerns it, such as a certificate of its chain that was revoked. To find that out takes no reading of the chain. The chain had to
 * be valid when it was given, for remotely provisioned ones live some weeks. Only ever a report: nothing about a check-in depends on it.
 */
export async function judgeAgain(context: RegistryContext, deviceId: string, keyGeneration: number): Promise<void> {
	const { kysely } = context.database;
	const rules = await context.attestation.recentRules();
	const policy = rules.settings.checkIn;
	if (policy === "off") return;
	const known = await kysely
		.selectFrom("attestations")
		.select(["judged_at", "verdict", "check_in_basis"])
		.where("device_id", "=", deviceId)
		.where("key_generation", "=", keyGeneration)
		.executeTakeFirst();
	if (!known) return;
	const now = nowSeconds(context);
	const basis = basisOf(rules, readVerdict(known.verdict).serials, now);
	if (basis === known.check_in_basis) return;
	const row = await kysely.selectFrom("enrollments").selectAll().where("device_id", "=", deviceId).executeTakeFirst();
	const receipt = row?.receipt ? readReceipt(context, row.receipt) : undefined;
	if (!row || !receipt) return;
	const verdict = judgeReceipt(rules, receipt, row, known.judged_at, now);
	await kysely
		.updateTable("attestations")
		.set({
			check_in_at: now,
			check_in_policy: policy,
			check_in_trust_version: rules.trust.version,
			check_in_verdict: JSON.stringify(verdict),
			check_in_basis: basis,
		})
		.where("device_id", "=", deviceId)
		.where("key_generation", "=", keyGeneration)
		.execute();
}

/** Everything in the rules that a verdict on this chain rests on. */
function basisOf({ settings, trust }: AttestationRules, serials: readonly string[], now: number): string {
	const { status } = trust;
	const listed = status ? serials.map((serial) => status.get(serial) ?? "") : [];
	const roots = [...trust.roots.keys()].sort();
	const text = canonicalJson({ settings, roots, listed, hasList: status !== undefined, isOld: now >= trust.expiresAtSeconds });
	return createHash("sha256").update(text).digest("hex");
}

function readVerdict(text: string): AttestationVerdict {
	return JSON.parse(text); // as keepVerdict wrote it
}

function readReceipt({ crypto }: RegistryContext, envelope: Uint8Array): BindingReceipt | undefined {
	try {
		return acceptReceipt(crypto, envelope);
	} catch (error) {
		if (error instanceof ProtocolError) return undefined;
		throw error;
	}
}

/** What a contract's story says; `undefined` where nothing was judged. */
export async function attestationStory(connection: Connection, deviceId: string): Promise<AttestationStory | undefined> {
	const row = await connection
		.selectFrom("attestations")
		.selectAll()
		.where("device_id", "=", deviceId)
		.orderBy("key_generation", "desc")
		.limit(1)
		.executeTakeFirst();
	return row && storyOf(row);
}

/** An enrolment with what was found of its phone, in short. */
export async function withAttestation(connection: Connection, enrollment: Enrollment): Promise<Enrollment> {
	const story = await attestationStory(connection, enrollment.deviceId);
	const latest = story?.atCheckIn ?? story?.atEnrollment;
	if (!latest) return enrollment;
	return { ...enrollment, attestation: { result: latest.result, findings: latest.findings.map(({ code }) => code) } };
}

function storyOf(row: Selectable<AttestationsTable>): AttestationStory {
	const atEnrollment = report(row.verdict, row.policy, row.judged_at, row.trust_version);
	const { check_in_verdict, check_in_policy, check_in_at, check_in_trust_version } = row;
	const atCheckIn =
		check_in_verdict !== null && check_in_policy !== null && check_in_at !== null && check_in_trust_version !== null
			? report(check_in_verdict, check_in_policy, check_in_at, check_in_trust_version)
			: undefined;
	const latest = atCheckIn ?? atEnrollment;
	return {
		atEnrollment,
		...(atCheckIn ? { atCheckIn } : {}),
		needsAttention: latest.policy === "required" && latest.result !== "passed",
	};
}

function report(text: string, policy: "required" | "recorded", at: number, trustVersion: number): AttestationReport {
	const { result, findings, facts } = readVerdict(text);
	return {
		result,
		policy,
		judgedAtUnixSeconds: at,
		trustVersion,
		findings: findings.map(({ code, seen }) => ({ code, ...FINDINGS[code], ...(seen === undefined ? {} : { seen }) })),
		facts,
	};
}
