import { expect, it } from "vitest";

import { FAULT_CATALOGUE } from "../../../../provisioning/handset/fault-catalogue.ts";
import { FAULT_PICTURES } from "../../../../provisioning/web/faults/fault-picture.tsx";

it("draws every picture that the fault catalogue names, and no other", () => {
	const named = new Set(Object.values(FAULT_CATALOGUE).flatMap(({ picture }) => picture ?? []));
	expect(Object.keys(FAULT_PICTURES).sort()).toEqual([...named].sort());
});
