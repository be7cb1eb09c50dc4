import type { Selectable } from "kysely";

import { decode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import { attestationStory } from "../attestation/verdicts.ts";
import { auditJson } from "../audit-log.ts";
import { toBase64 } from "../base64.ts";
import type { Connection } from "../database/database.ts";
import type { AppealsTable, ContractRow, OrderRow, PaymentsTable } from "../database/schema.ts";
import { STANDINGS } from "../enrollment/enrollment-status.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { ContractStory, HoldKind, StoryQuery } from "./contract-story-request.ts";
import { getContract, unknownContract } from "./contracts.ts";
import { levelName, phoneReport, readableTerms } from "./readable-terms.ts";

/** Rows that a story shows of each part; one more is read, to tell whether there are older ones. */
const MOST = 200;
const MOST_CHANGES = 100;
const AUDIT_PAGE = 50;

const HOLDS: Readonly<Record<number, HoldKind>> = {
	[wire.HoldKind.HOLD_KIND_DISPUTE]: "dispute",
	[wire.HoldKind.HOLD_KIND_PROMISE_TO_PAY]: "promise_to_pay",
	[wire.HoldKind.HOLD_KIND_DISASTER]: "disaster",
	[wire.HoldKind.HOLD_KIND_CLEARING]: "clearing",
};

/** All that the registry knows of one contract. @throws {Refusal} CONTRACT_UNKNOWN. */
export async function contractStory(
	context: RegistryContext,
	contractId: string,
	{ auditBefore, auditLimit = AUDIT_PAGE }: StoryQuery,
): Promise<ContractStory> {
	const { kysely } = context.database;
	const row = await kysely.selectFrom("contracts").selectAll().where("contract_id", "=", contractId).executeTakeFirst();
	if (!row) throw unknownContract();
	const now = nowSeconds(context);
	const [contract, terms, checkIn, orders, holds, payments, codes, disputes, appeals, changes, audit, attestation] =
		await Promise.all([
			getContract(context, contractId),
			termsOf(kysely, row),
			kysely.selectFrom("check_ins").selectAll().where("device_id", "=", row.device_id).executeTakeFirst(),
			latestOrders(kysely, row.device_id),
			ordersOfKind(kysely, row.device_id, ["hold"]),
			kysely
				.selectFrom("payments")
				.selectAll()
				.where("contract_id", "=", contractId)
				.orderBy("at", "desc")
				.orderBy("reference")
				.limit(MOST + 1)
				.execute(),
			kysely
				.selectFrom("codes")
				.select(["number", "kind", "value", "counter", "issued_at"])
				.where("device_id", "=", row.device_id)
				.orderBy("number", "desc")
				.limit(MOST + 1)
				.execute(),
			kysely
				.selectFrom("disputes")
				.selectAll()
				.where("contract_id", "=", contractId)
				.orderBy("paid_until", "desc")
				.limit(MOST + 1)
				.execute(),
			kysely.selectFrom("appeals").selectAll().where("contract_id", "=", contractId).orderBy("opened_at", "desc").execute(),
			kysely
				.selectFrom("standing_changes")
				.selectAll()
				.where("device_id", "=", row.device_id)
				.orderBy("key_generation", "desc")
				.orderBy("counter", "desc")
				.limit(MOST_CHANGES + 1)
				.execute(),
			kysely
				.selectFrom("audit_log")
				.selectAll()
				.where("subject", "=", contractId)
				.$if(auditBefore !== undefined, (query) => query.where("entry", "<", auditBefore ?? 0))
				.orderBy("entry", "desc")
				.limit(auditLimit)
				.execute(),
			attestationStory(kysely, row.device_id),
		]);
	const report = phoneReport(checkIn);
	const oldest = audit.at(-1)?.entry ?? 1;
	const parts = { orders, payments, codes, disputes } as const;
	const leftOut = [
		...(["orders", "payments", "codes", "disputes"] as const).filter((part) => parts[part].length > MOST),
		...(changes.length > MOST_CHANGES ? (["standingChanges"] as const) : []),
	];
	return {
		contract,
		termsBytes: toBase64(terms.terms),
		terms: readableTerms(terms, row.paid_minor, now),
		...(report === undefined ? {} : { report }),
		...(attestation === undefined ? {} : { attestation }),
		orders: orders.slice(0, MOST).map(storyOrder),
		payments: payments.slice(0, MOST).map(paymentJson),
		codes: codes.slice(0, MOST).map(({ issued_at, ...code }) => ({ ...code, issuedAtUnixSeconds: issued_at })),
		holds: holdsIn(holds, now),
		disputes: disputes.slice(0, MOST).map(({ text, at, paid_until }) => ({
			text,
			openedAtUnixSeconds: at,
			paidUntilUnixSeconds: paid_until,
		})),
		appeals: appeals.map(appealJson),
		standingChanges: changes.slice(0, MOST_CHANGES).map(({ at, before, after }) => ({
			atUnixSeconds: at,
			before: STANDINGS[before] ?? "none",
			after: STANDINGS[after] ?? "none",
		})),
		...(leftOut.length === 0 ? {} : { leftOut }),
		audit: audit.map(auditJson),
		...(oldest > 1 ? { auditBefore: oldest } : {}),
	};
}

export async function termsOf(
	connection: Connection,
	{ contract_id, terms_sha256 }: ContractRow,
): Promise<{ terms: Uint8Array; consent: Uint8Array }> {
	return connection
		.selectFrom("terms")
		.select(["terms", "consent"])
		.where("contract_id", "=", contract_id)
		.where("terms_sha256", "=", terms_sha256)
		.executeTakeFirstOrThrow();
}

async function latestOrders(connection: Connection, deviceId: string): Promise<OrderRow[]> {
	return connection
		.selectFrom("orders")
		.selectAll()
		.where("device_id", "=", deviceId)
		.orderBy("epoch", "desc")
		.orderBy("sequence", "desc")
		.limit(MOST + 1)
		.execute();
}

/** All orders of some actions, the latest first: what still counts may be older than the orders that a page shows. */
export async function ordersOfKind(
	connection: Connection,
	deviceId: string,
	actions: readonly ("hold" | "notice")[],
): Promise<OrderRow[]> {
	return connection
		.selectFrom("orders")
		.selectAll()
		.where("device_id", "=", deviceId)
		.where("action", "in", actions)
		.orderBy("epoch", "desc")
		.orderBy("sequence", "desc")
		.execute();
}

/** Holds among orders. In force: not over, and neither refused nor replaced. */
export function holdsIn(orders: readonly OrderRow[], now: number): ContractStory["holds"] {
	return orders.flatMap((row) => {
		const hold = row.action === "hold" ? decode(wire.Order, row.payload).hold : undefined;
		const kind = hold && HOLDS[hold.kind];
		if (!hold || !kind) return [];
		const inForce = hold.untilUnixSeconds > now && (row.state === "pending" || row.state === "accepted");
		return [{ kind, untilUnixSeconds: hold.untilUnixSeconds, givenAtUnixSeconds: row.issued_at, state: row.state, inForce }];
	});
}

function storyOrder(row: OrderRow): ContractStory["orders"][number] {
	const { restrict, extend, notice } = decode(wire.Order, row.payload);
	return {
		epoch: row.epoch,
		sequence: row.sequence,
		action: row.action.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
		reason: row.reason,
		issuedAtUnixSeconds: row.issued_at,
		...(row.expires_at === 0 ? {} : { expiresAtUnixSeconds: row.expires_at }),
		state: row.state,
		...(row.rule === null ? {} : { rule: row.rule }),
		...(restrict ? { level: levelName(restrict.level) } : {}),
		...(extend ? { paidUntilUnixSeconds: extend.paidUntilUnixSeconds } : {}),
		...(notice ? { noticeId: notice.noticeId } : {}),
	};
}

export function paymentJson(row: Selectable<PaymentsTable>): ContractStory["payments"][number] {
	return {
		reference: row.reference,
		...(row.amount_minor === null ? {} : { amountMinor: row.amount_minor }),
		...(row.paid_until === null ? {} : { paidUntilUnixSeconds: row.paid_until }),
		bookedAtUnixSeconds: row.at,
		receivedAtUnixSeconds: row.received_at ?? row.at,
		source: row.source,
	};
}

function appealJson(row: Selectable<AppealsTable>): ContractStory["appeals"][number] {
	return {
		imei: row.imei,
		proofReference: row.proof_reference,
		openedAtUnixSeconds: row.opened_at,
		openUntilUnixSeconds: row.open_until,
		...(row.closed_at === null ? {} : { closedAtUnixSeconds: row.closed_at }),
	};
}
