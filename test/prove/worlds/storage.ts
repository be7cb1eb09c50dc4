import type { Cut, Phone, Walk } from "../walk.ts";
import type { Move, World } from "../world.ts";
import { HOUR, look, orderMove, pass, reboot, steps, TICK } from "./common-moves.ts";
import { answerMove, offlineWorld } from "./contact.ts";

const D = 24 * 3600;
const youngest = ({ truth }: Phone) => truth.questions.at(-1);

/** Something happens, and the power is cut on the way; then the phone starts again. */
function cut(says: string, where: Cut, send: (walk: Walk, cut: Cut) => void): Move {
	return {
		says: `${says}, and the power is cut ${where.replace("before the", "before the new")} ${where === "before the effects" ? "are performed" : "is written"}`,
		by: "adversary",
		make: (walk) => {
			send(walk, where);
			walk.boot();
		},
	};
}

const takePass = (walk: Walk, where: Cut) => walk.send({ event: "passTaken", passTaken: {} }, { kind: "pass" }, where);

const isPass = ({ truth }: Phone) => truth.onMs < truth.passUntilOnMs;
const QUIET_MS = 72 * HOUR;
/** What is left of the days in which a recovery lets nothing new be locked. */
const quietLeftMs = ({ truth }: Phone) =>
	truth.recoveredOnMs === undefined ? 0 : Math.max(0, truth.recoveredOnMs + QUIET_MS - truth.onMs);

/** By ticks; while a pass runs by halves of it; a recovery's days at once. */
const time: readonly Move[] = [
	...steps(TICK, "300 seconds").map((move) => ({
		...move,
		can: (phone: Phone) => !isPass(phone) && (quietLeftMs(phone) === 0 || quietLeftMs(phone) >= QUIET_MS - TICK),
	})),
	...steps(12 * HOUR, "12 hours").map((move) => ({ ...move, can: isPass })),
	{
		says: "the quiet days of the recovery pass",
		by: "time",
		wayOut: true,
		wayOutAlone: true,
		can: (phone) => quietLeftMs(phone) > 0 && !isPass(phone),
		make: (walk) => walk.pass(quietLeftMs(walk.phone)),
	},
];

/** A phone with a budget of two ticks, whose two memories are cut, lost, broken and put back. */
export function storageWorld(part: "cuts" | "copies"): World {
	const world = offlineWorld(2 * TICK, TICK, { passes: { perYear: 2, durationSeconds: D } });
	const { lender } = world;
	const release = { action: "release", by: "release", ring: 1, kind: "order", toUs: true, epoch: 1, sequence: 9 } as const;
	const releaseEnvelope = lender.order({ sequence: 9, release: { certificateId: "P-1" } }, lender.keys.release);
	const deliverRelease = (walk: Walk, where?: Cut) => walk.orders(releaseEnvelope, release, where);
	const moves = {
		cuts: [
			...(["before the anchor", "before the effects"] as const).map((where) =>
				cut("the borrower takes an emergency pass", where, takePass),
			),
			...(["before the anchor", "before the effects"] as const).map((where) => cut("the Release arrives", where, deliverRelease)),
			cut("time is counted", "before the anchor", (walk, where) =>
				walk.send({ event: "tick", tick: {} }, { kind: "time" }, where),
			),
		],
		copies: [
			orderMove({ lender }, "Restore 1 arrives", "lender", { sequence: 1, restore: {} }, lender.keys.command, {
				action: "restore",
			}),
			{
				says: "somebody copies the ledger while everything in it is whole",
				by: "adversary",
				// What is worth putting back: no use, no pass, no order.
				can: ({ ledger, image, truth }) =>
					!image &&
					truth.recoveredOnMs === undefined &&
					ledger.contact.chargedMs <= TICK &&
					ledger.lock.passesTakenAtUnixSeconds.length === 0 &&
					ledger.contract?.lastSequence === 0,
				make: (walk) => walk.keepImage({ ledger: walk.phone.ledger, anchor: undefined }),
			},
			{
				says: "somebody puts the copied ledger back, and starts the phone",
				by: "adversary",
				can: ({ image }) => image !== undefined,
				make: (walk) => {
					const { image } = walk.phone;
					if (image) walk.replace({ ledger: image.ledger });
					walk.boot(0, { facts: true });
				},
			},
		],
	} satisfies Record<string, readonly Move[]>;
	return {
		...world,
		name: part,
		about:
			part === "cuts"
				? "power cuts at every write; the ledger lost or broken while the anchor stands; passes, contact and release under them"
				: "the ledger put back as it once was, lost or broken, while the anchor stands; passes, an order, contact and release under it",
		hasAnchor: true,
		moves: [
			...time,
			reboot,
			answerMove("the lender answers", "lender", youngest, {}, true),
			look,
			{
				says: "the ledger is lost, and the phone starts",
				by: "adversary",
				make: (walk) => {
					walk.replace({}, "none");
					walk.boot(0, { facts: true });
				},
			},
			{
				says: "the ledger is broken, and the phone starts",
				by: "adversary",
				make: (walk) => {
					walk.replace({}, "unreadable");
					walk.boot(0, { facts: true });
				},
			},
			pass,
			{ says: "the Release arrives", by: "lender", make: (walk) => deliverRelease(walk) },
			...moves[part],
		],
		start(walk) {
			walk.bind();
			walk.answer({ nextCheckInSeconds: 600 });
		},
		exercises: [...EXERCISES, ...(part === "cuts" ? [] : ["F15", "L3"])],
	};
}

const EXERCISES = ["F1/F2", "F5 budget", "F10 confirmed", "F12", "L1", "L2", "L4 time", "L4 charge", "L4 use", "L4 generation"];
