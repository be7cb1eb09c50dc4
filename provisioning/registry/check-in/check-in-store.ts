import { CompiledQuery, type Transaction } from "kysely";
import { sqlState } from "../database/connection-errors.ts";
import type { RegistryDatabase } from "../database/database.ts";
import type { EnrollmentStateColumn, Tables } from "../database/schema.ts";
import type { CheckInQueue, QueueWatch, Turn } from "../operations/observer.ts";
import { refusal } from "../refusal.ts";
import { Full, gather } from "./gather.ts";

/** What is read of a device before its signature is checked. */
export interface DeviceSnapshot {
	device_id: string;
	contract_id: string;
	device_public_key: Uint8Array;
	key_generation: number;
	check_in_interval_seconds: number;
	state: EnrollmentStateColumn;
	counter: number;
	/** Of the last check-in. */
	at: number | null;
	standing: number;
	/** Pending orders, in sequence. */
	epochs: number[] | null;
	sequences: number[] | null;
	versions: number[] | null;
	envelopes: Uint8Array[] | null;
}

/** What is written of a check-in. Seconds are Unix seconds. */
export interface CheckInRecord {
	readonly deviceId: string;
	/** Its contract and the day since 1970, where the contract is seen for the first time that day. */
	readonly firstOfDay?: { readonly contractId: string; readonly day: number } | undefined;
	readonly keyGeneration: number;
	readonly counter: number;
	readonly at: number;
	readonly lastSequence: number;
	readonly standing: number;
	/** An encoded DeviceStatus. */
	readonly status: Uint8Array;
	readonly logHead: Uint8Array;
	readonly logLength: number;
	readonly agentVersion: string;
	/** As the phone signed it. */
	readonly envelope: Uint8Array;
}

/** Reads and writes of many check-ins together: one round trip and one durable commit for all that come at the same time. */
export interface CheckInStore {
	/** @returns `undefined` for a device that is not enrolled. @throws {Refusal} UNAVAILABLE while too many wait. */
	read(deviceId: string, onTurn?: (turn: Turn) => void): Promise<DeviceSnapshot | undefined>;
	/** Settles when it is durable, or was already. @throws {Refusal} UNAVAILABLE while too many wait. */
	record(record: CheckInRecord, onTurn?: (turn: Turn) => void): Promise<void>;
	/** Settles when what was read of a device is durable, on a standby as well where commits wait for one. @throws {Refusal} as above. */
	confirm(deviceId: string, onTurn?: (turn: Turn) => void): Promise<void>;
}

/** Read and written together at most. One round trip costs about as much as answering a few of them. */
const MOST_TOGETHER = 64;
/** While one is on its way the next is made up, and PostgreSQL commits both with one write to the disk. */
const AT_ONCE = 2;
/** At 60 % of what a node can do, a check-in costs a sixth less with it (node and database); a phone does not notice it. */
const EVERY_MS = 8;
/** Some seconds of work: whoever would wait longer is told to come back. */
const MOST_WAITING = 4096;

/** SQLSTATE check_violation: what a partition says of a row that is another's. */
const CHECK_VIOLATION = "23514";

const DEVICE_ID = /^[!-~]{1,100}$/;

const READ = {
	name: "check-ins-read",
	text: `SELECT d.device_id, d.contract_id, d.device_public_key, d.key_generation, d.check_in_interval_seconds, e.state, c.counter, c.at,
			c.standing, o.epochs, o.sequences, o.versions, o.envelopes
		FROM unnest($1::text[]) AS asked(device_id)
		JOIN devices d ON d.device_id = asked.device_id
		JOIN enrollments e ON e.device_id = d.device_id
		JOIN check_ins c ON c.device_id = d.device_id
		LEFT JOIN LATERAL (
			SELECT array_agg(epoch ORDER BY epoch, sequence) AS epochs, array_agg(sequence::float8 ORDER BY epoch, sequence) AS sequences,
				array_agg(key_set_version ORDER BY epoch, sequence) AS versions, array_agg(envelope ORDER BY epoch, sequence) AS envelopes
			FROM orders WHERE device_id = d.device_id AND state = 'pending'
		) o ON true
		WHERE d.device_public_key IS NOT NULL AND e.state <> 'withdrawn'`,
};

/**
 * One statement, so one durable transaction: each last state, guarded by its counter, the event that proves it, and the day that its
 * contract was last seen on. A contract that somebody else is changing is passed over: nobody waits for a lock here, and its day moves
 * with the next day's first check-in.
 */
const RECORD = {
	name: "check-ins-record",
	text: `WITH given AS (
			SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::bytea[], $8::bytea[],
				$9::bigint[], $10::text[], $11::bytea[], $12::text[], $13::int[])
			AS given(device_id, key_generation, counter, at, last_sequence, standing, status, log_head, log_length, agent_version, envelope,
				contract_id, day)
		), seen AS (
			UPDATE check_ins c SET counter = g.counter, at = g.at, last_sequence = g.last_sequence, standing = g.standing, status = g.status,
				log_head = g.log_head, log_length = g.log_length, agent_version = g.agent_version
			FROM given g
			WHERE c.device_id = g.device_id AND c.key_generation = g.key_generation AND c.counter < g.counter
			RETURNING c.device_id, c.key_generation, g.counter, g.at, g.envelope
		), free AS (
			SELECT c.contract_id, g.day FROM contracts c JOIN given g ON c.contract_id = g.contract_id AND c.seen_day < g.day
			FOR UPDATE OF c SKIP LOCKED
		), days AS (
			UPDATE contracts c SET seen_day = f.day FROM free f WHERE c.contract_id = f.contract_id
		)
		INSERT INTO check_in_events (device_id, key_generation, counter, at, envelope)
		SELECT device_id, key_generation, counter, at, envelope FROM seen`,
};

/**
 * A lock is written to the log, so that this commit waits for whom all commits wait for, and they for everything before it. Reading alone
 * does not: a primary that crashed shows what it had committed, although no standby may have it. The lock is in nobody's way.
 */
const CONFIRM = {
	name: "check-ins-confirm",
	text: "SELECT 1 FROM check_ins WHERE device_id = ANY ($1::text[]) FOR KEY SHARE",
};

/** @param watch of each queue. */
export function createCheckInStore(
	{ pool }: Pick<RegistryDatabase, "pool">,
	watch?: Readonly<Record<CheckInQueue, QueueWatch>>,
): CheckInStore {
	const common = { most: MOST_TOGETHER, atOnce: AT_ONCE, everyMs: EVERY_MS, waiting: MOST_WAITING, isOfOne };
	const read = gather<string, DeviceSnapshot | undefined>({
		...common,
		watch: watch?.read,
		async run(deviceIds) {
			const { rows } = await pool.query<DeviceSnapshot>({ ...READ, values: [[...new Set(deviceIds)]] });
			const found = new Map(rows.map((row) => [row.device_id, row]));
			return deviceIds.map((deviceId) => found.get(deviceId));
		},
	});
	const record = gather<CheckInRecord, void>({
		...common,
		watch: watch?.record,
		// A statement sees each row as it was at its beginning: two of one device would not see each other.
		keyOf: ({ deviceId }) => deviceId,
		async run(records) {
			await pastNewWeek(() => pool.query({ ...RECORD, values: columnsOf(records) }));
			return records.map(() => undefined);
		},
	});
	const confirm = gather<string, void>({
		...common,
		watch: watch?.confirm,
		async run(deviceIds) {
			await pool.query({ ...CONFIRM, values: [deviceIds] });
			return deviceIds.map(() => undefined);
		},
	});
	return {
		// Anybody may ask for any name: what no database takes is no name of ours.
		read: async (deviceId, onTurn) => (DEVICE_ID.test(deviceId) ? read(deviceId, onTurn).catch(tooMany) : undefined),
		record: (one, onTurn) => record(one, onTurn).catch(tooMany),
		confirm: (deviceId, onTurn) => confirm(deviceId, onTurn).catch(tooMany),
	};
}

/** Data that PostgreSQL does not take (classes 22 and 23), or two statements in each other's way (40). All else, such as a database that is gone, concerns everybody. */
function isOfOne(error: unknown): boolean {
	return /^(?:22|23|40)/.test(sqlState(error) ?? "");
}

function tooMany(error: unknown): never {
	if (!(error instanceof Full)) throw error;
	throw refusal("UNAVAILABLE", "More phones check in than can be answered now.", "Check in again a little later.", {
		retryAfterSeconds: "30",
	});
}

/**
 * Writes once more if a week of check-ins was made between a statement's plan and its end: what was on its way to the strays is refused
 * then. Nothing was written, and the next plan knows the week.
 */
export async function pastNewWeek<Value>(write: () => Promise<Value>): Promise<Value> {
	try {
		return await write();
	} catch (error) {
		if (sqlState(error) !== CHECK_VIOLATION) throw error;
		return write();
	}
}

/** The same in a transaction that does more. @returns whether it was new. */
export async function recordAlone(transaction: Transaction<Tables>, record: CheckInRecord): Promise<boolean> {
	const { numAffectedRows } = await transaction.executeQuery(CompiledQuery.raw(RECORD.text, columnsOf([record])));
	return numAffectedRows === 1n;
}

function columnsOf(records: readonly CheckInRecord[]): unknown[][] {
	return [
		records.map(({ deviceId }) => deviceId),
		records.map(({ keyGeneration }) => keyGeneration),
		records.map(({ counter }) => counter),
		records.map(({ at }) => at),
		records.map(({ lastSequence }) => lastSequence),
		records.map(({ standing }) => standing),
		records.map(({ status }) => Buffer.from(status)),
		records.map(({ logHead }) => Buffer.from(logHead)),
		records.map(({ logLength }) => logLength),
		records.map(({ agentVersion }) => agentVersion),
		records.map(({ envelope }) => Buffer.from(envelope)),
		records.map(({ firstOfDay }) => firstOfDay?.contractId ?? null),
		records.map(({ firstOfDay }) => firstOfDay?.day ?? null),
	];
}
