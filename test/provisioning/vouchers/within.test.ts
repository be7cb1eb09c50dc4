import { describe, expect, it } from "vitest";

import { within } from "../../../provisioning/vouchers/within.ts";

describe("work with a deadline", () => {
	it("gives what the work gives, or throws what it throws", async () => {
		const late = () => new Error("late");
		await expect(within(60_000, Promise.resolve(1), late)).resolves.toBe(1);
		await expect(within(60_000, Promise.reject(new Error("broken")), late)).rejects.toThrow("broken");
	});

	it("throws when the work does not end in time", async () => {
		await expect(within(1, new Promise(() => {}), () => new Error("late"))).rejects.toThrow("late");
	});
});
