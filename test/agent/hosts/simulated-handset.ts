import type { AgentHostOptions, HandsetControls, HostClock } from "../../../agent/hosts/node/agent-host.ts";
import { EPOCH, IMEI1, IMEI2, type TestLender } from "../test-lender.ts";

/** A clock that a test turns. The alarm rings when the clock passes it. */
export class TestClock implements HostClock {
	now = 1000;
	boots = 1;
	#alarm: { at: number; wake: () => void } | undefined;

	elapsedMs(): number {
		return this.now;
	}

	bootCount(): number {
		return this.boots;
	}

	wakeAt(elapsedMs: number | undefined, wake: () => void): void {
		this.#alarm = elapsedMs === undefined ? undefined : { at: elapsedMs, wake };
	}

	get alarmAt(): number | undefined {
		return this.#alarm?.at;
	}

	/** Time passes, and an alarm that was passed rings once, at the end: a phone that slept through it. */
	jump(ms: number): void {
		this.now += ms;
		const alarm = this.#alarm;
		if (!alarm || alarm.at > this.now) return;
		this.#alarm = undefined;
		alarm.wake();
	}

	/** Time passes, and each alarm rings at its time. */
	pass(ms: number): void {
		const until = this.now + ms;
		for (let alarm = this.#alarm; alarm && alarm.at <= until; alarm = this.#alarm) {
			this.now = Math.max(this.now, alarm.at);
			this.#alarm = undefined;
			alarm.wake();
		}
		this.now = until;
	}
}

/** What a platform would hold, remembered over restarts of the agent. */
export class TestHandset implements HandsetControls {
	owner = true;
	restricted: readonly string[] = [];
	/** Every posture ever applied, in order. */
	readonly history: (readonly string[])[] = [];
	drift: readonly string[] = [];

	isDeviceOwner(): boolean {
		return this.owner;
	}

	imeis(): readonly string[] {
		return [IMEI1, IMEI2];
	}

	serial(): string {
		return "SERIAL1";
	}

	apply(restricted: readonly string[]): readonly string[] {
		this.restricted = restricted;
		this.history.push(restricted);
		return this.drift;
	}

	returnOwnership(): boolean {
		this.owner = false;
		return true;
	}
}

/** Options of an agent whose lender answers every check-in at once, with the real time and the orders that wait. */
export function hostOptions(lender: TestLender, clock: TestClock, handset: TestHandset, folder: string) {
	const network = { isUp: true, orders: [] as Uint8Array[], posts: 0 };
	const options: AgentHostOptions = {
		folder,
		clock,
		handset,
		agentVersion: "1.0.0",
		isPersonPresent: () => true,
		async post(_url, body) {
			network.posts += 1;
			if (!network.isUp) throw new Error("no network");
			return lender.reply(body, EPOCH + Math.floor(clock.now / 1000), { orderEnvelopes: network.orders });
		},
	};
	return { options, network };
}
