import { releaseDigest, writeReleaseCode } from "../../../proto/release-code.ts";
import { type TimeCodeKind, timeCodeSecret, writeTimeCode } from "../../../proto/time-code.ts";
import { DEVICE_ID } from "../lender.ts";
import { symbolicCrypto } from "../symbolic-crypto.ts";
import { DEVICE_KEY, type Phone } from "../walk.ts";
import type { Move, World } from "../world.ts";
import { DAY, HOUR, look, onLines, reboot, TICK } from "./common-moves.ts";
import { offlineWorld } from "./contact.ts";

const ADDRESS = { deviceId: DEVICE_ID, contractId: "C-1001" };
const CODE_KEY = new Uint8Array(32).fill(5);
const RELEASE_SECRET = new Uint8Array(10).fill(3);

/** A phone out of contact, with nothing but its keypad. */
export function codesWorld(): World {
	const world = offlineWorld(2 * TICK, TICK, { releaseDigest: releaseDigest(symbolicCrypto, ADDRESS, RELEASE_SECRET) });
	const secret = timeCodeSecret(symbolicCrypto, CODE_KEY, DEVICE_KEY.publicKey);
	const digits = (kind: TimeCodeKind, value: number, counter: number, nonce: number | undefined) =>
		writeTimeCode(symbolicCrypto, secret, ADDRESS, { kind, value, counter, nonce });
	const type = (
		says: string,
		by: Move["by"],
		meaning: "right" | "wrong" | "used",
		make: (phone: Phone) => string,
		can?: (phone: Phone) => boolean,
	): Move => ({
		says,
		by,
		...(meaning === "right" ? { wayOut: true } : {}),
		...(can ? { can } : {}),
		make: (walk) => walk.code(make(walk.phone), meaning),
	});
	const shown = ({ ledger }: Phone) => ledger.codes;
	const isWaiting = ({ ledger }: Phone) => ledger.codes.backingOffUntilPoweredOnMs > ledger.time.poweredOnMs;
	const left = ({ ledger }: Phone) => ledger.codes.backingOffUntilPoweredOnMs - ledger.time.poweredOnMs;
	return {
		...world,
		name: "codes",
		about:
			"time codes right, wrong, mistyped, used and from beyond the window; back-off, a hundred guesses, reboots, the release code",
		moves: [
			{
				says: "10 minutes pass",
				by: "time",
				wayOut: true,
				wayOutAlone: true,
				can: (phone) => !isWaiting(phone),
				make: (walk) => walk.pass(2 * TICK),
			},
			{
				says: "the back-off passes, and the rest of the tick",
				by: "time",
				wayOut: true,
				wayOutAlone: true,
				can: isWaiting,
				make: (walk) => {
					walk.pass(left(walk.phone));
					const intoTick = walk.phone.truth.onMs % TICK;
					if (intoTick > 0) walk.pass(TICK - intoTick);
				},
			},
			{
				says: "the back-off passes, but for a millisecond",
				by: "time",
				can: (phone) => left(phone) > 1,
				make: (walk) => walk.pass(left(walk.phone) - 1),
			},
			...onLines(
				{ says: "9 hours pass", by: "time", wayOut: true, wayOutAlone: true, make: (walk) => walk.pass(9 * HOUR) },
				{ says: "the phone lies switched off for 60 days", by: "borrower", make: (walk) => walk.boot(60 * DAY) },
				reboot,
				look,
			),
			type("the borrower types the lender's code for the number on the screen", "borrower", "right", (phone) =>
				digits("contact", 0, shown(phone).counter, shown(phone).nonce),
			),
			type("the borrower types an automatic code", "borrower", "right", (phone) =>
				digits("automatic", 5, shown(phone).counter, undefined),
			),
			type(
				"the borrower types the automatic code after the next",
				"borrower",
				"right",
				(phone) => digits("automatic", 5, shown(phone).counter + 1, undefined),
				(phone) => (shown(phone).usedAhead & 2) === 0,
			),
			type(
				"somebody types a code that was used",
				"adversary",
				"used",
				(phone) => digits("contact", 0, shown(phone).lastCounter, shown(phone).lastNonce),
				(phone) => shown(phone).lastCounter > 0,
			),
			type("somebody types an automatic code from beyond the window", "adversary", "wrong", (phone) =>
				digits("automatic", 5, shown(phone).counter + 8, undefined),
			),
			type("somebody guesses wrong", "adversary", "wrong", (phone) =>
				digits("set", 5, shown(phone).counter, (shown(phone).nonce + 1) % 1000),
			),
			{
				says: "the borrower mistypes a code",
				by: "borrower",
				make: (walk) => walk.code(mistyped(digits("contact", 0, shown(walk.phone).counter, shown(walk.phone).nonce)), "mistyped"),
			},
			{
				says: "the borrower types the release code",
				by: "borrower",
				wayOutAlone: true,
				make: (walk) => walk.code(writeReleaseCode(RELEASE_SECRET), "release"),
			},
		],
		start(walk) {
			walk.bind(CODE_KEY);
			walk.answer({ nextCheckInSeconds: 600 });
		},
		exercises: ["F1/F2", "F5 budget", "F7", "F12", "L1", "L2", "L4 charge", "L4 use", "L5", "E right", "E wrong", "E back-off"],
	};
}

/** One digit off: the check digit tells. */
function mistyped(code: string): string {
	return `${code.slice(0, -1)}${(Number(code.at(-1)) + 1) % 10}`;
}
