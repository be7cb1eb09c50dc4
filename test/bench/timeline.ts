import { contracted, inWorld } from "./bench-world.ts";
import type { Span } from "./enrolling-batch.ts";
import { startProcedureProcess } from "./enrolling-process.ts";

/** Enrolments before the one that is told: what runs for the first time is slower. */
const WARM_UPS = 3;
const WIDTH = 48;

/** Enrols one handset and tells what each step, each round trip and each call of the registry took: text of several lines. */
export async function timelineOfOne(): Promise<string> {
	return inWorld(async (world) => {
		const enrolling = await startProcedureProcess(world);
		try {
			for (let round = 0; ; round += 1) {
				const { handset, contractId } = await contracted(world, `TIMELINE-${round}`);
				const { spans, wallMs } = await enrolling.run({ jobs: [{ contractId, adbSerial: handset.adbSerial }] });
				await handset.close();
				if (round === WARM_UPS) return asText(spans, wallMs);
			}
		} finally {
			await enrolling.close();
		}
	});
}

function asText(spans: readonly Span[], wallMs: number): string {
	const inOrder = [...spans].sort((a, b) => a.startMs - b.startMs || b.endMs - a.endMs);
	const lines = inOrder.map(({ kind, name, startMs, endMs }) => {
		const label = kind === "step" ? name : `  ${kind}: ${name}`;
		const at = (ms: number) => Math.round((ms / wallMs) * WIDTH);
		const bar = " ".repeat(at(startMs)) + (kind === "step" ? "=" : "-").repeat(Math.max(1, at(endMs) - at(startMs)));
		const took = `${(endMs - startMs).toFixed(1)}`.padStart(8);
		return `${took} ms  ${bar.padEnd(WIDTH + 1)} ${label.slice(0, 110)}`;
	});
	const counted = (kind: Span["kind"]) => spans.filter((span) => span.kind === kind).length;
	return [
		...lines,
		`${wallMs.toFixed(1).padStart(8)} ms  together; ${counted("phone")} round trips to the phone, ${counted("registry")} calls of the registry`,
	].join("\n");
}
