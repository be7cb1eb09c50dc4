import type { KnownHandset } from "../../procedure/identity.ts";
import { keep, readKept } from "../frame/look.ts";

const KEY = "holdfast-desk-work";

/** What was under way on this desk, so that a page that was loaded again goes on. Nothing secret, and nothing that is believed: each step looks at the phone. */
export interface KeptWork {
	readonly contractId: string;
	/** The phone that the clerk confirmed: no other one is taken for this contract. */
	readonly known?: KnownHandset;
}

export function keepWork(work: KeptWork | undefined): void {
	keep(KEY, work ?? {});
}

export function readWork(): KeptWork | undefined {
	const { contractId, known } = readKept(KEY);
	if (typeof contractId !== "string" || contractId === "") return undefined;
	return { contractId, ...(isKnown(known) ? { known } : {}) };
}

function isKnown(value: unknown): value is KnownHandset {
	if (typeof value !== "object" || value === null || !("serial" in value && "imeis" in value)) return false;
	const { serial, imeis } = value;
	return typeof serial === "string" && Array.isArray(imeis) && imeis.every((imei) => typeof imei === "string");
}
