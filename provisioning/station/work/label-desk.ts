import { type Fault, FaultError } from "../../handset/fault.ts";
import type { CommandAnswer } from "../command.ts";
import type { UnitState } from "../journal/batch-state.ts";
import { type LabelPaper, passLabel } from "../labels/label.ts";
import { labelNumber } from "../labels/label-code.ts";
import type { LabelPrinter } from "../labels/printer.ts";
import type { Unit } from "../unit.ts";
import type { BatchLog } from "./batch-log.ts";

export interface LabelDeskOptions {
	readonly log: BatchLog;
	/** Left out: a station without labels. */
	readonly printer?: LabelPrinter | undefined;
	readonly paper?: LabelPaper;
	/** The batch's units in their order: a label carries its unit's place. */
	readonly units: readonly Unit[];
	nowMs(): number;
}

/** Labels for phones that passed: one is valid at a time, and each print stands in the journal. */
export interface LabelDesk {
	/** Prints the first label of a unit. Gives what went wrong; the phone is done all the same. */
	printFirst(unit: Unit, operator: string): Promise<Fault | undefined>;
	/** Prints another one; the earlier one is void from then on. */
	reprint(unit: Unit, operator: string, reason: string): Promise<CommandAnswer>;
}

export function openLabelDesk({ log, printer, paper = {}, units, nowMs }: LabelDeskOptions): LabelDesk {
	/** Contracts whose label is being printed: a double click prints one. */
	const printing = new Set<string>();

	const print = async (unit: Unit, operator: string, reason?: string): Promise<Fault | undefined> => {
		const state = log.state.units.get(unit.contractId);
		const end = state?.runs.at(-1)?.end;
		if (!printer || !state || !end || printing.has(unit.contractId)) return undefined;
		const prints = printsOf(state);
		const { batchId, station } = log.state.opened;
		const label = labelNumber(batchId, units.indexOf(unit) + 1, prints + 1);
		const voids = state.label;
		printing.add(unit.contractId);
		try {
			const zpl = passLabel(
				{
					contractId: unit.contractId,
					label,
					operator,
					station,
					printedAtMs: nowMs(),
					imeis: unit.imeis,
					model: state.runs.at(-1)?.model ?? unit.model ?? "",
					hash: end.hash,
					...(voids === undefined ? {} : { reprint: { count: prints, voids } }),
				},
				paper,
			);
			// Before the printer: two labels with one number must never come out, a number that was never printed may be.
			await log.intend({
				type: "label-printed",
				contractId: unit.contractId,
				label,
				operator,
				...(voids === undefined ? {} : { voids }),
				...(reason === undefined ? {} : { reason }),
			});
			await printer.print(zpl);
			return undefined;
		} catch (error) {
			if (error instanceof FaultError) return error.fault;
			throw error;
		} finally {
			printing.delete(unit.contractId);
		}
	};

	return {
		printFirst: async (unit, operator) =>
			log.state.units.get(unit.contractId)?.label === undefined ? print(unit, operator) : undefined,
		async reprint(unit, operator, reason) {
			if (!printer) {
				return { ok: false, code: "NO_PRINTER", text: "This station has no printer.", remedy: "Start it with --printer." };
			}
			const trouble = await print(unit, operator, reason);
			if (trouble) return { ok: false, code: trouble.code, text: trouble.meaning, remedy: trouble.remedy };
			const { label = "" } = log.state.units.get(unit.contractId) ?? {};
			return { ok: true, text: `Label ${label} is printed. The earlier one is void: destroy it.` };
		},
	};
}

function printsOf({ label, voidLabels }: UnitState): number {
	return voidLabels.length + (label === undefined ? 0 : 1);
}
