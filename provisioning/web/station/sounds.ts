import type { Signal } from "../../station/view.ts";

/** One tone: pitch in hertz, beginning and length in milliseconds. */
export interface Tone {
	readonly hertz: number;
	readonly startMs: number;
	readonly lengthMs: number;
}

const LOW = 220;
const beeps = (count: number): Tone[] =>
	Array.from({ length: count }, (_, index) => ({ hertz: LOW, startMs: index * 260, lengthMs: 170 }));

/** What each signal sounds like. Told apart by number and length as well as by pitch, for a loud hall. */
export const TONES: Readonly<Record<Signal["kind"], readonly Tone[]>> = {
	ok: [{ hertz: 1320, startMs: 0, lengthMs: 140 }],
	operator: beeps(2),
	device: beeps(3),
	station: [{ hertz: 165, startMs: 0, lengthMs: 1200 }],
};

/** Plays signals. Browsers let nothing sound before somebody touched the page: until `start`, it is silent. */
export interface Sounds {
	readonly isStarted: boolean;
	/** To be called from a click or a key. */
	start(): void;
	play(kind: Signal["kind"]): void;
}

export function createSounds(openContext: () => AudioContext): Sounds {
	let context: AudioContext | undefined;
	return {
		get isStarted() {
			return context !== undefined;
		},
		start() {
			context ??= openContext();
			if (context.state === "suspended") void context.resume();
		},
		play(kind) {
			if (!context) return;
			for (const tone of TONES[kind]) playTone(context, tone);
		},
	};
}

function playTone(context: AudioContext, { hertz, startMs, lengthMs }: Tone): void {
	const from = context.currentTime + startMs / 1000;
	const to = from + lengthMs / 1000;
	const oscillator = context.createOscillator();
	const gain = context.createGain();
	oscillator.type = "square"; // carries in a hall
	oscillator.frequency.setValueAtTime(hertz, from);
	// Without ramps the loudspeaker clicks.
	gain.gain.setValueAtTime(0, from);
	gain.gain.linearRampToValueAtTime(0.2, from + 0.01);
	gain.gain.setValueAtTime(0.2, to - 0.02);
	gain.gain.linearRampToValueAtTime(0, to);
	oscillator.connect(gain).connect(context.destination);
	oscillator.start(from);
	oscillator.stop(to);
}
