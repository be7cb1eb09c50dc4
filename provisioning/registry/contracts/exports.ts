import { sql } from "kysely";

import { auditJson, followsAudit } from "../audit-log.ts";
import type { RegistryContext } from "../registry-context.ts";
import { readContractsOf } from "./contracts.ts";
import { csvLine } from "./csv-line.ts";

/** Rows that are in memory at the same time. */
const PAGE = 1000;

const CONTRACT_COLUMNS = [
	...["contract", "state", "payments", "phone", "imei", "currency", "total_minor", "paid_minor", "paid_until", "next_due"],
	...["next_amount_minor", "entered", "last_check_in", "pending_orders", "certificate"],
];

/** Every contract as a line of CSV, in the order of their numbers. */
export async function* contractsCsv(context: RegistryContext): AsyncGenerator<string> {
	yield csvLine(CONTRACT_COLUMNS);
	for (let after = ""; ; ) {
		const { rows } = await sql<{ contract_id: string }>`SELECT contract_id FROM contracts
			WHERE contract_id COLLATE "C" > ${after} ORDER BY contract_id COLLATE "C" LIMIT ${PAGE}`.execute(context.database.kysely);
		const contracts = await readContractsOf(
			context,
			rows.map(({ contract_id }) => contract_id),
		);
		yield contracts
			.map((contract) =>
				csvLine([
					contract.contractId,
					contract.state,
					contract.paymentStanding,
					contract.enrollment?.standing ?? "",
					contract.enrollment?.imei1 ?? contract.imeis[0] ?? "",
					contract.currency,
					String(contract.totalMinor),
					String(contract.paidMinor),
					time(contract.paidUntilUnixSeconds),
					time(contract.nextDue?.dueAtUnixSeconds),
					contract.nextDue === undefined ? "" : String(contract.nextDue.amountMinor),
					time(contract.createdAtUnixSeconds),
					time(contract.enrollment?.lastCheckInUnixSeconds),
					String(contract.pendingOrders),
					contract.certificateId ?? "",
				]),
			)
			.join("");
		const last = rows.at(-1);
		if (rows.length < PAGE || !last) return;
		after = last.contract_id;
	}
}

/** Every payment as a line of CSV, in the order of contract numbers, then references. */
export async function* paymentsCsv({ database }: RegistryContext): AsyncGenerator<string> {
	yield csvLine(["contract", "reference", "currency", "amount_minor", "paid_until", "received", "booked", "source"]);
	for (let after = { contract: "", reference: "" }; ; ) {
		const rows = await database.kysely
			.selectFrom("payments")
			.innerJoin("contracts", "contracts.contract_id", "payments.contract_id")
			.selectAll("payments")
			.select("contracts.currency")
			.where(sql<boolean>`(payments.contract_id, payments.reference) > (${after.contract}, ${after.reference})`)
			.orderBy("payments.contract_id")
			.orderBy("payments.reference")
			.limit(PAGE)
			.execute();
		yield rows
			.map((row) =>
				csvLine([
					row.contract_id,
					row.reference,
					row.currency,
					row.amount_minor === null ? "" : String(row.amount_minor),
					time(row.paid_until ?? undefined),
					time(row.received_at ?? row.at),
					time(row.at),
					row.source,
				]),
			)
			.join("");
		const last = rows.at(-1);
		if (rows.length < PAGE || !last) return;
		after = { contract: last.contract_id, reference: last.reference };
	}
}

/**
 * The whole audit log, a JSON object a line, in the order of subjects, then entries. Each chain is checked on the way; the last line
 * says how many entries and subjects there were, and where a chain is broken.
 */
export async function* auditJsonl({ database }: RegistryContext): AsyncGenerator<string> {
	const breaks: { subject: string; entry: number }[] = [];
	let [entries, subjects] = [0, 0];
	let last = { subject: "", entry: 0, hash: new Uint8Array() };
	for (;;) {
		const rows = await database.kysely
			.selectFrom("audit_log")
			.selectAll()
			.where(sql<boolean>`(subject, entry) > (${last.subject}, ${last.entry}::int)`)
			.orderBy("subject")
			.orderBy("entry")
			.limit(PAGE)
			.execute();
		let text = "";
		for (const row of rows) {
			const isFirst = row.subject !== last.subject;
			const expected = isFirst ? 1 : last.entry + 1;
			const isBroken = row.entry !== expected || !followsAudit(row, isFirst ? undefined : last.hash);
			// One break for each subject: what comes after the first hangs on it.
			if (isBroken && !breaks.some(({ subject }) => subject === row.subject))
				breaks.push({ subject: row.subject, entry: row.entry });
			if (isFirst) subjects += 1;
			entries += 1;
			last = { subject: row.subject, entry: row.entry, hash: new Uint8Array(row.hash) };
			text += `${JSON.stringify(auditJson(row))}\n`;
		}
		yield text;
		if (rows.length < PAGE) break;
	}
	yield `${JSON.stringify({ chain: breaks.length === 0 ? "whole" : "broken", entries, subjects, breaks })}\n`;
}

function time(seconds: number | undefined): string {
	return seconds === undefined ? "" : new Date(seconds * 1000).toISOString();
}
