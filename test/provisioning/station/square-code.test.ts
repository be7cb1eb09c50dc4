import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { squareCodeDots } from "../../../provisioning/station/square-code.ts";
import { readDots } from "./labels/read-label.ts";

describe("a square code", () => {
	it("is read back as the text that it was made of", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
				fc.constantFrom<"low" | "medium">("low", "medium"),
				async (text, ecc) => {
					expect(await readDots(squareCodeDots(text, ecc))).toBe(text);
				},
			),
			{ numRuns: 40 },
		);
	});
});
