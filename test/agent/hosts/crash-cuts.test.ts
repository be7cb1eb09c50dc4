import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDaemon } from "../../../agent/daemon/daemon.ts";
import { closeLedger } from "../../../agent/daemon/ledger-file.ts";
import { anchorOf } from "../../../agent/daemon/recovery.ts";
import { handsetFiles } from "../../../agent/hosts/node/handset-files.ts";
import { decode, encode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import { symbolicCrypto } from "../../prove/symbolic-crypto.ts";
import type { PhoneImage } from "../../prove/symbolic-phone.ts";
import { CHAPTERS, CrashLife, type Left, type Lived } from "./crash-life.ts";

const daemon = createDaemon({ crypto: symbolicCrypto });

const whole = new CrashLife();
/** The phone as it came into each chapter, and what was left of it at the end. */
const images: PhoneImage[] = [];
const left: Left[] = [];
beforeAll(() => {
	for (const chapter of CHAPTERS.keys()) {
		images.push(whole.phone.save());
		left.push(whole.live(chapter));
	}
});

/** Events that something was decided in: the first of each chapter, and each in which the standing changed. */
function turningPoints(): Lived[] {
	const seen = new Set<number>();
	return whole.lived.filter(({ chapter, before, after }) => {
		if (before.log.length === after.log.length && after.contract) return false;
		const isFirst = !seen.has(chapter);
		seen.add(chapter);
		return isFirst || before.lock.standing !== after.lock.standing;
	});
}

const isSame = (read: Uint8Array | undefined, written: Uint8Array) => Buffer.compare(read ?? new Uint8Array(), written) === 0;

/** What a phone does when it starts on stored bytes: its standing, its level, and what it restricts; nothing if it keeps what it had. */
function startOn(ledger: Uint8Array, anchor: Uint8Array) {
	const event = encode(wire.HostEvent, {
		now: { bootCount: 2_000, elapsedMs: 0 },
		entropy: new Uint8Array(32),
		anchor,
		started: {},
	});
	const handled = daemon.handle(ledger, event);
	const effects = decode(wire.HostEffects, handled.effects);
	const status = decode(wire.StoredLedger, handled.ledger);
	return {
		kind: wire.ScreenKind[effects.screen?.kind ?? 0],
		restricted: effects.posture?.restricted.join(),
		faults: effects.faults.map(({ code }) => code).join(),
		isStored: status.state.length > 0,
	};
}

test("the life goes through every standing that is stored", () => {
	expect(new Set(whole.lived.map(({ after }) => wire.Standing[after.lock.standing]?.replace("STANDING_", "")))).toEqual(
		new Set(["UNBOUND", "UNLOCKED", "GRACE", "LOCKED_LIMITED", "LOCKED_FULL", "RELEASED"]),
	);
	expect(left.at(-1)).toMatchObject({ standing: "RELEASED", restricted: "" });
});

test("the power is cut before and after every write: the chapter ends as it does without a cut, and so does the next one", () => {
	let cuts = 0;
	for (const [chapter, { name }] of CHAPTERS.entries()) {
		const events = whole.lived.filter((lived) => lived.chapter === chapter).length;
		for (let cut = 0; cut < 2 * events; cut += 1) {
			const isStored = cut % 2 === 1;
			const life = new CrashLife({ event: Math.floor(cut / 2), isStored });
			const image = images[chapter];
			if (image) life.phone.restore(image);
			const says = `${name}, cut ${isStored ? "after" : "before"} event ${Math.floor(cut / 2)} of ${events} was stored`;
			expect(life.live(chapter), says).toEqual(left[chapter]);
			expect(life.wasCut, says).toBe(true);
			if (chapter + 1 < CHAPTERS.length) expect(life.live(chapter + 1), says).toEqual(left[chapter + 1]);
			cuts += 1;
		}
	}
	expect(cuts).toBe(2 * whole.lived.length);
	expect(cuts).toBeGreaterThan(1_000);
}, 600_000);

describe("cut inside a write", () => {
	let folder: string;
	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), "crash-cuts-"));
	});
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	test("at every byte of every turning point's writes, what is read is what was there before", () => {
		const files = handsetFiles(folder);
		let bytes = 0;
		for (const { before, after } of turningPoints()) {
			const [ledger, anchor] = [closeLedger(before), closeLedger(anchorOf(before))];
			files.writeLedger(ledger);
			files.writeAnchor(anchor);
			// The new bytes come to lie beside the old ones, one after the other; each is a place to be cut at.
			for (const [name, next] of [
				["ledger.bin.new", closeLedger(after)],
				["anchor.bin.new", closeLedger(anchorOf(after))],
			] as const) {
				const path = join(folder, name);
				const file = openSync(path, "w");
				for (let at = 0; at < next.length; at += 1, bytes += 1) {
					writeSync(file, next, at, 1);
					expect(isSame(files.readLedger(), ledger) && isSame(files.readAnchor(), anchor), `${name}, byte ${at}`).toBe(true);
				}
				closeSync(file);
			}
		}
		expect(bytes).toBeGreaterThan(40_000);
	}, 600_000);

	test("on a disk that tears files all the same, at every byte: the phone is where it was before or after the event", () => {
		let tears = 0;
		const seen = new Set<number>();
		for (const { before, after, chapter } of turningPoints()) {
			const [old, next] = [closeLedger(before), closeLedger(after)];
			const [anchor, nextAnchor] = [closeLedger(anchorOf(before)), closeLedger(anchorOf(after))];
			// A phone that starts on either whole file, the anchor being one write behind.
			const places = [startOn(old, anchor), startOn(next, anchor)];
			expect(places.map(({ faults }) => faults)).toEqual(["", ""]);
			const isEither = (place: ReturnType<typeof startOn>) =>
				places.some(({ kind, restricted }) => kind === place.kind && restricted === place.restricted);
			// What is not bound yet has no second memory: it starts anew, keeps what was last applied, and locks nothing.
			const isAnew = (place: ReturnType<typeof startOn>) =>
				!before.contract && place.kind === "SCREEN_KIND_RECOVERY" && !place.restricted;
			const isFirst = !seen.has(chapter);
			seen.add(chapter);
			for (let at = isFirst ? 0 : 7; at < next.length; at += isFirst ? 1 : 61) {
				// What was there before may show behind the tear.
				for (const tail of at % 16 === 0 ? [new Uint8Array(), old.subarray(at)] : [new Uint8Array()]) {
					const torn = Uint8Array.from([...next.subarray(0, at), ...tail]);
					const place = startOn(torn, anchor);
					tears += 1;
					if (!isEither(place) && !isAnew(place))
						expect(place, `${CHAPTERS[chapter]?.name}, cut at byte ${at}`).toEqual(places[0]);
				}
			}
			for (let at = isFirst ? 0 : 7; at < nextAnchor.length; at += isFirst ? 13 : 61) {
				const place = startOn(next, nextAnchor.slice(0, at));
				tears += 1;
				expect(place, `${CHAPTERS[chapter]?.name}, anchor cut at byte ${at}`).toEqual(places[1]);
			}
		}
		expect(tears).toBeGreaterThan(15_000);
	}, 600_000);
});
