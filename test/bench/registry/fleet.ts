import { randomBytes } from "node:crypto";
import { Client, type ClientConfig } from "pg";

import type { Signer } from "../../../proto/crypto.ts";
import { PayloadType, seal } from "../../../proto/envelope.ts";
import { acceptFromRoles, type KeySet } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import { makeKey } from "../../../provisioning/registry/keys/key-file.ts";
import { createNodeCrypto } from "../../../provisioning/registry/node-crypto.ts";

const crypto = createNodeCrypto();
/** One of four check-ins is its phone's first of the day, as phones do that check in every six hours. */
const FIRST_OF_DAY = 4;

interface Phone {
	readonly deviceId: string;
	readonly contractId: string;
	readonly key: Signer;
	counter: number;
}

/** A check-in and what its reply must say. */
export interface Question {
	readonly envelope: Uint8Array;
	readonly deviceId: string;
	readonly nonce: Uint8Array;
	readonly counter: number;
}

/** Phones with real keys among the contracts of a database. */
export interface Fleet {
	/** The next check-in of each of so many phones, signed. Phones take turns. */
	checkIns(count: number): Promise<Question[]>;
	/** Verifies every reply as the agent does. @throws {Error} at the first that is not its question's. */
	checkReplies(questions: readonly Question[], replies: readonly (Uint8Array | undefined)[]): number;
	/** Check-ins that the database holds, each with its event. */
	recorded(): Promise<number>;
}

/** Gives keys to so many open, unlocked contracts of the database. */
export async function giveKeys(connection: ClientConfig, keySet: KeySet, count: number, nowUnixSeconds: number): Promise<Fleet> {
	const client = new Client({ ...connection, statement_timeout: 0 });
	await client.connect();
	const { rows } = await client.query<{ device_id: string; contract_id: string }>(
		`SELECT device_id, contract_id FROM contracts WHERE state = 'open' AND standing = $1 ORDER BY md5(device_id) LIMIT $2`,
		[wire.Standing.STANDING_UNLOCKED, count],
	);
	const phones = rows.map(({ device_id, contract_id }): Phone => {
		return { deviceId: device_id, contractId: contract_id, key: makeKey(crypto).signer, counter: 1 };
	});
	await client.query(
		`UPDATE devices d SET device_public_key = g.key, key_generation = 1
		FROM unnest($1::text[], $2::bytea[]) AS g(device_id, key) WHERE d.device_id = g.device_id`,
		[phones.map(({ deviceId }) => deviceId), phones.map(({ key }) => Buffer.from(key.publicKey))],
	);
	// Where the others were seen today, so that what comes next is as it is on any day.
	await client.query(
		`UPDATE check_ins c SET at = $2::bigint - CASE WHEN g.place % $3 = 0 THEN 86400 ELSE 0 END
		FROM unnest($1::text[]) WITH ORDINALITY AS g(device_id, place) WHERE c.device_id = g.device_id`,
		[phones.map(({ deviceId }) => deviceId), nowUnixSeconds, FIRST_OF_DAY],
	);
	await client.query("VACUUM ANALYZE devices");
	await client.query("VACUUM ANALYZE check_ins");
	await client.end();
	let turn = 0;
	return {
		async checkIns(wanted) {
			const questions: Question[] = [];
			while (questions.length < wanted) {
				const phone = phones[turn++ % phones.length];
				if (phone) questions.push(await nextCheckIn(phone, keySet));
			}
			return questions;
		},
		checkReplies(questions, replies) {
			let checked = 0;
			for (const [index, { deviceId, nonce, counter }] of questions.entries()) {
				const reply = replies[index];
				if (!reply) continue;
				const { message } = acceptFromRoles(
					crypto,
					keySet,
					[wire.Role.ROLE_HEARTBEAT],
					wire.CheckInReply,
					PayloadType.checkInReply,
					reply,
					undefined,
				);
				const isOwn = message.deviceId === deviceId && message.counter === counter && Buffer.compare(message.nonce, nonce) === 0;
				if (!isOwn) throw new Error(`the reply to check-in ${counter} of ${deviceId} is another's`);
				checked += 1;
			}
			return checked;
		},
		async recorded() {
			const asking = new Client({ ...connection, statement_timeout: 0 });
			await asking.connect();
			const { rows: counts } = await asking.query<{ events: string }>(
				"SELECT count(*) AS events FROM check_in_events e JOIN check_ins c USING (device_id) WHERE e.counter <= c.counter",
			);
			await asking.end();
			return Number(counts[0]?.events);
		},
	};
}

async function nextCheckIn(phone: Phone, { version, epoch }: KeySet): Promise<Question> {
	phone.counter += 1;
	const { deviceId, contractId, counter, key } = phone;
	const nonce = Uint8Array.from(randomBytes(16));
	const envelope = await seal(
		wire.CheckIn,
		PayloadType.checkIn,
		{
			deviceId,
			contractId,
			counter,
			nonce,
			keySetVersion: version,
			epoch,
			lastSequence: 0,
			status: { standing: wire.Standing.STANDING_UNLOCKED, contact: wire.ContactState.CONTACT_STATE_FRESH, sealed: true },
			logHead: new Uint8Array(32).fill(1),
			logLength: 3,
			agentVersion: "0.1.0",
		},
		[key],
	);
	return { envelope, deviceId, nonce, counter };
}
