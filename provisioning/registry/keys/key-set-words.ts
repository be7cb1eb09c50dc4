import { grantOf, type KeySet } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import { spokenKeyid } from "./fingerprint.ts";
import { ONLINE_ROLES, WIRE_ROLE } from "./key-folder.ts";

/** What a role may do, in a sentence that a holder of a root key needs no training for. */
const MAY: Readonly<Record<(typeof ONLINE_ROLES)[number], string>> = {
	command: "orders phones: locks and unlocks, within the borrower's floor",
	heartbeat: "tells phones the time",
	enroll: "binds new phones to contracts",
	release: "frees phones, and can do nothing else",
};

/** What a key set changes, in plain words, a line each. @param trusted the one before; `undefined` before the first. */
export function keySetWords(trusted: KeySet | undefined, next: KeySet): string[] {
	const title = trusted
		? `Key set ${next.version} of ${next.lenderId} comes after key set ${trusted.version}.`
		: `The first key set of ${next.lenderId}.`;
	return [
		title,
		`Made on ${day(next.issuedAtUnixSeconds)}.`,
		epochWords(trusted, next),
		...rootWords(trusted, next),
		...onlineWords(trusted, next),
	];
}

function epochWords(trusted: KeySet | undefined, { epoch }: KeySet): string {
	if (!trusted) return `Epoch ${epoch}.`;
	if (trusted.epoch === epoch) return `Epoch stays ${epoch}: phones go on counting orders.`;
	return `EPOCH ${trusted.epoch} BECOMES ${epoch}: phones count orders anew. This is done after a theft of a key.`;
}

function rootWords(trusted: KeySet | undefined, next: KeySet): string[] {
	const { keys, threshold } = grantOf(next, wire.Role.ROLE_ROOT);
	const before = trusted ? grantOf(trusted, wire.Role.ROLE_ROOT) : undefined;
	const had = new Set(before?.keys.map(({ keyid }) => keyid));
	const has = new Set(keys.map(({ keyid }) => keyid));
	const gone = [...had].filter((keyid) => !has.has(keyid));
	const lines = [`Root: any ${threshold} of these ${keys.length} keys change who may do what.`];
	if (before && before.threshold !== threshold)
		lines.push(`  THE NUMBER NEEDED CHANGES from ${before.threshold} to ${threshold}.`);
	for (const { keyid } of keys) lines.push(`  ${spokenKeyid(keyid)}  ${before ? (had.has(keyid) ? "stays" : "JOINS") : "new"}`);
	for (const keyid of gone) lines.push(`  ${spokenKeyid(keyid)}  LEAVES`);
	return lines;
}

function onlineWords(trusted: KeySet | undefined, next: KeySet): string[] {
	return ONLINE_ROLES.flatMap((role) => {
		const { keys, threshold, expiresAtUnixSeconds: end } = grantOf(next, WIRE_ROLE[role]);
		const before = trusted ? grantOf(trusted, WIRE_ROLE[role]) : undefined;
		const had = new Set(before?.keys.map(({ keyid }) => keyid));
		const days = Math.round((end - next.issuedAtUnixSeconds) / (24 * 3600));
		const gone = [...had].filter((keyid) => !keys.some((key) => key.keyid === keyid));
		return [
			`${role}: ${MAY[role]}. Until ${day(end)}, ${days} days${threshold === 1 ? "" : `; ${threshold} must sign together`}.`,
			...keys.map(({ keyid }) => `  ${spokenKeyid(keyid)}  ${before ? (had.has(keyid) ? "stays" : "NEW") : "new"}`),
			...gone.map((keyid) => `  ${spokenKeyid(keyid)}  ENDS`),
		];
	});
}

function day(unixSeconds: number): string {
	return new Date(unixSeconds * 1000).toISOString().slice(0, 10);
}
