import { faultError } from "../../handset/fault.ts";
import type { Clock } from "../../procedure/step.ts";

/**
 * How many phones of one controller take an APK at once. One high-speed bus carries about 38 MB/s, whatever hangs on it: eight at once
 * leave 4 to 5 MB/s to each, so an APK of 3 MB is over in a second and far from every deadline. More would not end sooner, but each
 * would take longer, and more phones would charge and write their flash in the same moment.
 */
export const INSTALLS_AT_ONCE = 8;
/** Least time between two restarts on one controller: each makes the bus count its devices anew. */
export const REBOOT_SPACING_MS = 3_000;

/** A turn that was given. End it, or nobody comes after. */
export interface Turn {
	/** Harmless if called again. */
	end(): void;
}

export interface ControllerGateOptions {
	readonly clock: Pick<Clock, "pause">;
	/** Default {@link INSTALLS_AT_ONCE}. */
	readonly installsAtOnce?: number;
	/** Default {@link REBOOT_SPACING_MS}. */
	readonly rebootSpacingMs?: number;
}

/** Keeps the phones of one USB controller out of each other's way. Controllers do not wait for each other. */
export interface ControllerGate {
	/**
	 * Waits for room on the controller, first come, first served.
	 *
	 * @throws {FaultError} CANCELLED, when the signal comes before the turn; nothing is held then.
	 */
	installTurn(controller: string, signal?: AbortSignal): Promise<Turn>;
	/**
	 * Waits until a phone of the controller may restart: one in each {@link REBOOT_SPACING_MS}, in order. There is nothing to give back.
	 *
	 * @throws {FaultError} CANCELLED.
	 */
	rebootTurn(controller: string, signal?: AbortSignal): Promise<void>;
	/** Holds an install turn while the work runs, however it ends. */
	installing<Result>(controller: string, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result>;
	/** For the page, the metrics and the tests. */
	load(controller: string): { readonly installing: number; readonly waiting: number; readonly rebootsWaiting: number };
}

/** @throws {RangeError} for a limit that lets nobody through. */
export function controllerGate(options: ControllerGateOptions): ControllerGate {
	const { clock, installsAtOnce = INSTALLS_AT_ONCE, rebootSpacingMs = REBOOT_SPACING_MS } = options;
	if (!Number.isInteger(installsAtOnce) || installsAtOnce < 1) throw new RangeError(`${installsAtOnce} installs at once`);
	const installs = new Map<string, Queue>();
	const reboots = new Map<string, Queue>();
	const queueOf = (queues: Map<string, Queue>, controller: string, room: number) => {
		const queue = queues.get(controller) ?? new Queue(room, () => void queues.delete(controller));
		queues.set(controller, queue);
		return queue;
	};
	const installTurn = (controller: string, signal?: AbortSignal) => queueOf(installs, controller, installsAtOnce).turn(signal);
	return {
		installTurn,
		async rebootTurn(controller, signal) {
			const turn = await queueOf(reboots, controller, 1).turn(signal);
			// The turn ends with time, not with the restart: that takes a minute, and 64 of them one after the other an hour.
			clock.pause(rebootSpacingMs).then(turn.end, turn.end);
		},
		async installing(controller, work, signal) {
			const turn = await installTurn(controller, signal);
			try {
				return await work();
			} finally {
				turn.end();
			}
		},
		load(controller) {
			const [install, reboot] = [installs.get(controller), reboots.get(controller)];
			return { installing: install?.held ?? 0, waiting: install?.waiting ?? 0, rebootsWaiting: reboot?.waiting ?? 0 };
		},
	};
}

/** Gives out so many turns at a time, in the order in which they were asked for. */
class Queue {
	held = 0;
	readonly #room: number;
	readonly #idle: () => void;
	/** A set keeps its order, and one that gives up leaves at once. */
	readonly #waiting = new Set<() => void>();

	constructor(room: number, idle: () => void) {
		this.#room = room;
		this.#idle = idle;
	}

	get waiting(): number {
		return this.#waiting.size;
	}

	turn(signal?: AbortSignal): Promise<Turn> {
		return new Promise((resolve, reject) => {
			const begin = () => {
				signal?.removeEventListener("abort", cancel);
				resolve(this.#begin());
			};
			const cancel = () => {
				this.#waiting.delete(begin);
				this.#sweep();
				reject(faultError("CANCELLED"));
			};
			if (signal?.aborted) return cancel();
			if (this.held < this.#room) return begin();
			signal?.addEventListener("abort", cancel, { once: true });
			this.#waiting.add(begin);
		});
	}

	#begin(): Turn {
		this.held += 1;
		let over = false;
		return {
			end: () => {
				if (over) return;
				over = true;
				this.held -= 1;
				const [next] = this.#waiting;
				if (next) {
					this.#waiting.delete(next);
					next();
				}
				this.#sweep();
			},
		};
	}

	#sweep(): void {
		if (this.held === 0 && this.#waiting.size === 0) this.#idle();
	}
}
