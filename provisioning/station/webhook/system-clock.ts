import type { WebhookClock } from "./deliver.ts";

/** The machine's own time. A timer that waits keeps the program running until the deliverer is closed. */
export const systemWebhookClock: WebhookClock = {
	nowMs: () => Date.now(),
	after(milliseconds, callback) {
		const timer = setTimeout(callback, milliseconds);
		return () => clearTimeout(timer);
	},
};
