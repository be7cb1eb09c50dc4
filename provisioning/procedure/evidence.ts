import { encode } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import type { Enrollment } from "./enrollment.ts";
import type { StepEnd } from "./step.ts";

/** A step that was postponed is left out: nothing was done. */
const RESULT: Record<Exclude<StepEnd, "postponed">, wire.StepResult> = {
	already: wire.StepResult.STEP_RESULT_ALREADY,
	done: wire.StepResult.STEP_RESULT_DONE,
	failed: wire.StepResult.STEP_RESULT_FAILED,
};

/** What was seen and done so far, as the registry keeps it beside the binding. */
export function evidenceOf({ found, contractId, tool, operator, port, entries }: Enrollment): Uint8Array {
	return encode(wire.EnrollmentEvidence, {
		enrollmentId: found.offer?.enrollmentId ?? "",
		contractId,
		tool,
		operator,
		adbSerial: port.adbSerial,
		facts: flatten("", found.facts ?? {}).sort((a, b) => (a.name < b.name ? -1 : 1)),
		steps: entries.flatMap(({ name, end, startedAtMs, endedAtMs, fault }) =>
			end === "postponed"
				? []
				: {
						name,
						result: RESULT[end],
						startedAtUnixMs: startedAtMs,
						endedAtUnixMs: endedAtMs,
						fault: fault?.code ?? "",
						raw: fault?.raw ?? "",
					},
		),
	});
}

/** Facts as dotted names: `{ battery: { percent: 80 } }` becomes `battery.percent` = `80`. */
function flatten(prefix: string, value: unknown): { name: string; value: string }[] {
	if (typeof value !== "object" || value === null) return [{ name: prefix, value: String(value) }];
	return Object.entries(value).flatMap(([name, inner]) => flatten(prefix === "" ? name : `${prefix}.${name}`, inner));
}
