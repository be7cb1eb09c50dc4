import { createHash } from "node:crypto";

import { fromBase64 } from "../base64.ts";
import { Refusal } from "../refusal.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { ImportError, PaymentImport, PaymentImportResult } from "./payment-feed-request.ts";
import { minorUnits, type PaymentRow, readPaymentFile } from "./payment-file.ts";
import { paymentFileError } from "./payment-file-error.ts";
import { CLOCKS_APART_SECONDS, recordPayment } from "./payments.ts";

const MOST_ERRORS = 200;
const MOST_NAMED = 100;
/** Payments booked at the same time; fewer than the pool has connections, so that check-ins are answered meanwhile. */
const AT_ONCE = 4;
/** How long one answer may book: well below what a connection may be silent for, in milliseconds. */
const BOOKING_MS = 8000;

interface Checked {
	readonly row: PaymentRow;
	readonly amountMinor: number;
	readonly currency: string;
	readonly repeated: boolean;
}

/**
 * Books a file of payments. The whole file is checked first, and nothing is booked if anything is wrong with it. Each payment is then
 * booked by itself, once for each contract and reference: a file that broke off, or is too long for one answer, is given again.
 *
 * @param nowMs a clock that never goes back.
 */
export async function importPayments(
	context: RegistryContext,
	{ file, dryRun = false }: PaymentImport,
	nowMs: () => number,
): Promise<PaymentImportResult> {
	const bytes = fromBase64(file);
	const read = readPaymentFile(bytes);
	const { payments, errors, paidOff } = await check(context, read.rows);
	const allErrors = [...read.errors, ...errors].sort((a, b) => (a.row ?? 0) - (b.row ?? 0));
	const wrong = allErrors.length > 0;
	const fresh = wrong ? [] : payments.filter(({ repeated }) => !repeated);
	const { booked, failed } = wrong || dryRun ? { booked: fresh, failed: [] } : await book(context, fresh, nowMs);
	if (!wrong && !dryRun) await context.fleet.feedHeard();
	return {
		fileSha256: createHash("sha256").update(bytes).digest("hex"),
		dryRun,
		rows: read.rows.length,
		booked: booked.length,
		repeated: payments.filter(({ repeated }) => repeated).length,
		left: dryRun ? 0 : fresh.length - booked.length - failed.length,
		totals: totalsOf(booked),
		paidOff: wrong ? [] : paidOff.slice(0, MOST_NAMED),
		errors: allErrors.slice(0, MOST_ERRORS),
		errorCount: allErrors.length,
		failed,
	};
}

function totalsOf(payments: readonly Checked[]): PaymentImportResult["totals"] {
	const sums = new Map<string, number>();
	for (const { currency, amountMinor } of payments) sums.set(currency, (sums.get(currency) ?? 0) + amountMinor);
	return [...sums].map(([currency, amountMinor]) => ({ currency, amountMinor }));
}

/** Everything that only the registry knows of the rows. */
async function check(
	context: RegistryContext,
	rows: readonly PaymentRow[],
): Promise<{ payments: Checked[]; errors: ImportError[]; paidOff: string[] }> {
	const errors: ImportError[] = [];
	if (rows.length === 0) return { payments: [], errors, paidOff: [] };
	const { kysely } = context.database;
	const ids = [...new Set(rows.map(({ contractId }) => contractId))];
	const [contracts, known] = await Promise.all([
		kysely
			.selectFrom("contracts")
			.select(["contract_id", "state", "currency", "paid_minor", "total_minor"])
			.where("contract_id", "in", ids)
			.execute(),
		kysely
			.selectFrom("payments")
			.select(["contract_id", "reference", "amount_minor", "paid_until"])
			.where("contract_id", "in", ids)
			.execute(),
	]);
	const contractOf = new Map(contracts.map((contract) => [contract.contract_id, contract]));
	const knownOf = new Map(known.map((payment) => [`${payment.contract_id} ${payment.reference}`, payment]));
	const seen = new Map<string, Checked>();
	const latest = nowSeconds(context) + CLOCKS_APART_SECONDS;
	const payments = rows.flatMap((row): Checked[] => {
		const note = (
			...[code, name, value, detail]: [
				Parameters<typeof paymentFileError>[0],
				Parameters<PaymentRow["place"]>[0],
				string,
				string?,
			]
		) => {
			errors.push(paymentFileError(code, row.place(name), value, detail));
			return [];
		};
		const contract = contractOf.get(row.contractId);
		if (!contract) return note("contract-unknown", "contract", row.contractId);
		const { currency } = contract;
		if (row.currency !== undefined && row.currency !== currency)
			return note("currency-other", "currency", row.currency, currency);
		const amountMinor = minorUnits(row.amount, currency);
		const amountName = "minor" in row.amount ? "amountMinor" : "amount";
		const written = "minor" in row.amount ? String(row.amount.minor) : row.amount.major;
		if (amountMinor === undefined) return note("amount-decimals", amountName, written, currency);
		if (amountMinor < 1 || amountMinor > 1_000_000_000_000) return note("amount-range", amountName, written);
		if (row.receivedAt !== undefined && row.receivedAt > latest) return note("received-future", "received", "");
		const before = knownOf.get(`${row.contractId} ${row.reference}`);
		if (before && (before.amount_minor !== amountMinor || before.paid_until !== null))
			return note("reference-used", "reference", row.reference);
		// In one file a reference names one payment, whoever's: a column that was shifted by a row is found by it.
		const twice = seen.get(row.reference);
		if (twice && (twice.row.contractId !== row.contractId || twice.amountMinor !== amountMinor))
			return note("reference-twice", "reference", row.reference, String(twice.row.row));
		if (!before && contract.state !== "open") return note("contract-closed", "contract", row.contractId, contract.state);
		const checked = { row, amountMinor, currency, repeated: before !== undefined || twice !== undefined };
		seen.set(row.reference, twice ?? checked);
		return [checked];
	});
	const added = new Map<string, number>();
	for (const { row, amountMinor, repeated } of payments)
		if (!repeated) added.set(row.contractId, (added.get(row.contractId) ?? 0) + amountMinor);
	const paidOff = contracts
		.filter(({ contract_id, paid_minor, total_minor }) => {
			const sum = added.get(contract_id);
			return sum !== undefined && paid_minor + sum >= total_minor;
		})
		.map(({ contract_id }) => contract_id);
	return { payments, errors, paidOff };
}

/** Payments of one contract in the order of the file, several contracts at once, until the time is over. */
async function book(
	context: RegistryContext,
	payments: readonly Checked[],
	nowMs: () => number,
): Promise<{ booked: Checked[]; failed: PaymentImportResult["failed"] }> {
	const queues = new Map<string, Checked[]>();
	for (const payment of payments) {
		const queue = queues.get(payment.row.contractId) ?? [];
		queue.push(payment);
		queues.set(payment.row.contractId, queue);
	}
	const booked: Checked[] = [];
	const failed: PaymentImportResult["failed"] = [];
	const waiting = queues.values();
	const endsAt = nowMs() + BOOKING_MS;
	await Promise.all(
		Array.from({ length: AT_ONCE }, async () => {
			// Shared on purpose: each takes the next contract that nobody has taken.
			for (const queue of waiting) {
				for (const payment of queue) {
					if (nowMs() >= endsAt) return;
					const refused = await bookOne(context, payment);
					if (refused) failed.push(refused);
					else booked.push(payment);
				}
			}
		}),
	);
	return { booked, failed: failed.sort((a, b) => a.row - b.row) };
}

async function bookOne(
	context: RegistryContext,
	{ row, amountMinor }: Checked,
): Promise<PaymentImportResult["failed"][number] | undefined> {
	const { contractId, reference, receivedAt } = row;
	try {
		const request = { reference, amountMinor, ...(receivedAt === undefined ? {} : { receivedAtUnixSeconds: receivedAt }) };
		await recordPayment(context, contractId, request, "import");
		return undefined;
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		return { row: row.row, contractId, reference, code: error.code, detail: error.text.detail };
	}
}
