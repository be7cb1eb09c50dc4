import { Kysely, PostgresDialect } from "kysely";
import { Client, type ClientConfig, Pool, types } from "pg";

import { decodeCanonical } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import { findAuditBreak } from "../../provisioning/registry/audit-log.ts";
import type { Tables } from "../../provisioning/registry/database/schema.ts";
import type { Acknowledged } from "./journal.ts";

/** What the database holds in the end, held against what was acknowledged. */
export interface Proof {
	/** Acknowledged, and not in the database as it was acknowledged. */
	readonly lost: readonly { readonly acknowledged: Acknowledged; readonly what: string }[];
	/** Done twice, done without being asked, or two of what there is one of. */
	readonly doubled: readonly string[];
	/** How many contracts' audit chains were followed to their end. */
	readonly chains: number;
	/** How many rows were looked at, by what they are. */
	readonly looked: Readonly<Record<string, number>>;
}

/**
 * @param isAllAnswered whether every write that was asked for was answered in the end. Otherwise what nobody waits for any more may be
 * there or not.
 */
export async function prove(
	connection: ClientConfig,
	acknowledged: readonly Acknowledged[],
	isAllAnswered = true,
): Promise<Proof> {
	const client = new Client(connection);
	await client.connect();
	try {
		return await compare(client, connection, acknowledged, isAllAnswered);
	} finally {
		await client.end();
	}
}

async function compare(
	client: Client,
	connection: ClientConfig,
	acknowledged: readonly Acknowledged[],
	isAllAnswered: boolean,
): Promise<Proof> {
	const lost: { acknowledged: Acknowledged; what: string }[] = [];
	const doubled: string[] = [];
	const looked: Record<string, number> = {};
	const rowsOf = async <Row extends object>(name: string, text: string): Promise<Row[]> => {
		const { rows } = await client.query<Row>(text);
		looked[name] = rows.length;
		return rows;
	};

	const events = await rowsOf<{ device_id: string; counter: string; envelope: Buffer }>(
		"check-ins",
		"SELECT device_id, counter, envelope FROM check_in_events",
	);
	const eventOf = new Map(events.map((row) => [`${row.device_id}/${row.counter}`, row.envelope]));
	if (eventOf.size !== events.length) doubled.push(`${events.length - eventOf.size} check-ins are recorded twice`);
	const latest = new Map(
		(await rowsOf<{ device_id: string; counter: string }>("devices", "SELECT device_id, counter FROM check_ins")).map((row) => [
			row.device_id,
			Number(row.counter),
		]),
	);

	const payments = await rowsOf<{ contract_id: string; reference: string; amount_minor: string }>(
		"payments",
		"SELECT contract_id, reference, amount_minor FROM payments",
	);
	const paymentOf = new Map(payments.map((row) => [row.reference, row]));
	if (paymentOf.size !== payments.length) doubled.push(`${payments.length - paymentOf.size} payments are booked twice`);

	const orders = await rowsOf<OrderRow>(
		"orders",
		"SELECT device_id, epoch, sequence, contract_id, action, request_id, payload, envelope FROM orders ORDER BY device_id, epoch, sequence",
	);
	const orderOf = new Map<string, OrderRow>();
	for (const row of orders) {
		if (row.request_id === null) continue;
		if (orderOf.has(row.request_id)) doubled.push(`order ${row.request_id} was issued twice`);
		orderOf.set(row.request_id, row);
	}
	const receipts = new Map(
		(
			await rowsOf<{ contract_id: string; receipt: Buffer | null }>("enrolments", "SELECT contract_id, receipt FROM enrollments")
		).map((row) => [row.contract_id, row.receipt]),
	);

	for (const one of acknowledged) {
		const what = missing(one);
		if (what !== undefined) lost.push({ acknowledged: one, what });
	}

	/** What of an acknowledged write is not there. */
	function missing(one: Acknowledged): string | undefined {
		switch (one.kind) {
			case "check-in": {
				const name = `check-in ${one.counter} of ${one.deviceId}`;
				const event = eventOf.get(`${one.deviceId}/${one.counter}`);
				if (!event) return `${name}: no event`;
				if (!event.equals(one.envelope)) return `${name}: another event`;
				return (latest.get(one.deviceId) ?? 0) < one.counter ? `${name}: the counter went back` : undefined;
			}
			case "payment": {
				const row = paymentOf.get(one.reference);
				const isThere = row?.contract_id === one.contractId && Number(row.amount_minor) === one.amountMinor;
				return isThere ? undefined : `payment ${one.reference}`;
			}
			case "order": {
				const row = orderOf.get(one.requestId);
				const isThere =
					row?.contract_id === one.contractId &&
					row.epoch === one.epoch &&
					Number(row.sequence) === one.sequence &&
					row.envelope.toString("base64") === one.envelope;
				return isThere ? undefined : `order ${one.requestId} (${one.epoch}/${one.sequence})`;
			}
			case "enrolment":
				return receipts.get(one.contractId)?.equals(one.receipt) ? undefined : `the enrolment of ${one.contractId}`;
		}
	}

	// Everything that was asked was answered in the end: what is there beside it was done without being asked, or twice.
	const asked = new Set(acknowledged.flatMap((one) => (one.kind === "payment" ? [one.reference] : [])));
	for (const { reference } of payments)
		if (isAllAnswered && !asked.has(reference)) doubled.push(`payment ${reference} was never acknowledged`);
	const requests = new Set(acknowledged.flatMap((one) => (one.kind === "order" ? [one.requestId] : [])));
	for (const id of orderOf.keys()) if (isAllAnswered && !requests.has(id)) doubled.push(`order ${id} was never acknowledged`);

	const sums = new Map<string, number>();
	for (const { contract_id, amount_minor } of payments)
		sums.set(contract_id, (sums.get(contract_id) ?? 0) + Number(amount_minor));
	const contracts = await rowsOf<{ contract_id: string; paid_minor: string }>(
		"contracts",
		"SELECT contract_id, paid_minor FROM contracts",
	);
	for (const { contract_id, paid_minor } of contracts)
		if (Number(paid_minor) !== (sums.get(contract_id) ?? 0))
			doubled.push(`${contract_id} is paid to ${paid_minor}, its payments come to ${sums.get(contract_id) ?? 0}`);

	doubled.push(...sequencesOf(orders), ...extensionsOf(orders));
	doubled.push(...(await auditOf(client)));
	const chains = await brokenChains(
		connection,
		contracts.map(({ contract_id }) => contract_id),
	);
	doubled.push(...chains);
	return { lost, doubled, chains: contracts.length, looked };
}

interface OrderRow {
	device_id: string;
	epoch: number;
	sequence: string;
	contract_id: string;
	action: string;
	request_id: string | null;
	payload: Buffer;
	envelope: Buffer;
}

/** A device's sequences are 1, 2, 3 and so on, each once. */
function sequencesOf(orders: readonly OrderRow[]): string[] {
	const last = new Map<string, number>();
	return orders.flatMap(({ device_id, epoch, sequence }) => {
		const expected = (last.get(`${device_id}/${epoch}`) ?? 0) + 1;
		last.set(`${device_id}/${epoch}`, Number(sequence));
		return Number(sequence) === expected ? [] : [`${device_id}: order ${epoch}/${sequence} follows ${expected - 1}`];
	});
}

/** A payment moves its phone on at most once. */
function extensionsOf(orders: readonly OrderRow[]): string[] {
	const seen = new Set<string>();
	return orders.flatMap(({ action, payload }) => {
		if (action !== "extend") return [];
		const reference = decodeCanonical(wire.Order, payload).extend?.paymentReference ?? "";
		const isSecond = seen.has(reference);
		seen.add(reference);
		return isSecond ? [`payment ${reference} moved its phone on twice`] : [];
	});
}

/** Each payment and each order stands in the audit log once. */
async function auditOf(client: Client): Promise<string[]> {
	const { rows } = await client.query<{ action: string; entries: string; things: string }>(
		`SELECT 'payment.recorded' AS action, count(*) AS entries, (SELECT count(*) FROM payments) AS things
		FROM audit_log WHERE action = 'payment.recorded'
		UNION ALL SELECT 'order.issued', count(*), (SELECT count(*) FROM orders WHERE request_id IS NOT NULL)
		FROM audit_log WHERE action = 'order.issued'`,
	);
	return rows.flatMap(({ action, entries, things }) =>
		entries === things ? [] : [`the audit log has ${entries} entries ${action} for ${things}`],
	);
}

/** Follows every contract's chain, as an auditor does. */
async function brokenChains(connection: ClientConfig, contracts: readonly string[]): Promise<string[]> {
	const pool = new Pool({
		...connection,
		max: 1,
		// bigint (20) as a number, as the registry reads it: the hash is over numbers.
		types: { getTypeParser: (oid, format) => (oid === 20 && format !== "binary" ? Number : types.getTypeParser(oid, format)) },
	});
	const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
	const broken: string[] = [];
	for (const contract of contracts) {
		const at = await findAuditBreak(kysely, contract);
		if (at !== undefined) broken.push(`the audit chain of ${contract} breaks at entry ${at}`);
	}
	await kysely.destroy();
	return broken;
}
