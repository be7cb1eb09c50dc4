import { plainLine } from "./plain-text.ts";

/** A user of the phone: the owner, and whatever dual apps, second space, guest or a work profile made. */
export interface HandsetUser {
	readonly id: number;
	readonly name: string;
	readonly running: boolean;
}

/** Accounts of one user. Names are personal and stay on the phone. */
export interface UserAccounts {
	readonly user: number;
	/** How many the phone counts; at least as many as there are types. */
	readonly count: number;
	/** Such as `com.google`, `com.xiaomi`; once for each account. */
	readonly types: readonly string[];
}

const MAX_NAME = 64;
/** More than a phone can have; a bound on what is kept of a lying one. */
const MAX_ENTRIES = 64;

/** Reads `pm list users`: `UserInfo{999:XSpace:801010} running`. `undefined` if it lists none. */
export function readUsers(text: string): readonly HandsetUser[] | undefined {
	const users: HandsetUser[] = [];
	for (const line of text.split("\n").slice(0, MAX_ENTRIES)) {
		const found = /^\s*UserInfo\{(\d{1,6}):(.*):[0-9a-fA-F]+\}( running)?\s*$/.exec(line);
		if (found) users.push({ id: Number(found[1]), name: plainLine(found[2] ?? "", MAX_NAME), running: found[3] !== undefined });
	}
	return users.length > 0 ? users : undefined;
}

/**
 * Reads `dumpsys account`: for each user `User UserInfo{0:Owner:c13}:`, `Accounts: 1`, `Account {name=.., type=..}`. The list and
 * the count are both believed: whichever says more. `undefined` if it tells of no user.
 */
export function readAccounts(text: string): readonly UserAccounts[] | undefined {
	const users: { user: number; count: number; types: string[] }[] = [];
	for (const line of text.split("\n")) {
		const user = /^\s*User UserInfo\{(\d{1,6}):.*\}:\s*$/.exec(line)?.[1];
		if (user !== undefined && users.length < MAX_ENTRIES) users.push({ user: Number(user), count: 0, types: [] });
		const current = users.at(-1);
		if (!current) continue;
		const count = /^\s*Accounts: (\d{1,6})\s*$/.exec(line)?.[1];
		if (count !== undefined) current.count = Math.max(current.count, Number(count));
		// The name may hold anything, also ", type=": the last one is the type.
		const type = /^\s*Account \{name=.*, type=([^,}\s]*)\}\s*$/.exec(line)?.[1];
		if (type !== undefined && current.types.length < MAX_ENTRIES) {
			current.types.push(plainLine(type, MAX_NAME));
			current.count = Math.max(current.count, current.types.length);
		}
	}
	return users.length > 0 ? users : undefined;
}

/** Who is signed in, in words without names: `user 0: com.google; user 999: 2`. `undefined` if nobody is, or nobody knows. */
export function describeAccounts(accounts: readonly UserAccounts[] | undefined): string | undefined {
	const signedIn = accounts?.filter(({ count }) => count > 0) ?? [];
	if (signedIn.length === 0) return undefined;
	return signedIn.map(({ user, count, types }) => `user ${user}: ${types.length > 0 ? types.join(", ") : count}`).join("; ");
}
