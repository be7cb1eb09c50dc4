import type { LabHandset } from "../lab/lab.ts";

/** What a borrower would read off the phone: where the contract stands, and why. */
export interface PhoneScreen {
	/** unbound, unlocked, grace, limited, full, released. */
	readonly kind: string;
	/** overdue, offline, ordered. */
	readonly causes: readonly string[];
}

/** Reads the handset's screen; `undefined` before the agent showed anything. */
export function phoneScreen(handset: LabHandset): PhoneScreen | undefined {
	const screen = handset.screen();
	if (typeof screen !== "object" || screen === null || !("kind" in screen) || typeof screen.kind !== "string") return undefined;
	const causes = "causes" in screen && Array.isArray(screen.causes) ? screen.causes.map(String) : [];
	return { kind: screen.kind, causes };
}
