import type { Stage } from "./stage.ts";

/** One thing that an attacker does, through a door that attackers have. */
export interface Attack {
	/** Such as `handset-floods`; never used again for something else. */
	readonly id: string;
	/** What is done, in a sentence. */
	readonly attack: string;
	/** Where it is listed: `OWASP API1:2023`, `Xiaomi table`, `plan`. */
	readonly source: string;
	/** What must be observed, to the letter. */
	readonly expected: string;
	/** Does it, and says in a few words what was seen: never what should have been. None where only a phone can tell. */
	readonly run?: (stage: Stage) => Promise<string>;
}

/** What became of an attack. `hardware only`: nothing here can tell; the README's hardware checklist asks it of a phone. */
export type Verdict = "defended" | "open" | "hardware only";

export interface AttackResult {
	readonly id: string;
	readonly attack: string;
	readonly source: string;
	readonly expected: string;
	readonly observed: string;
	readonly verdict: Verdict;
}

/** Runs one. What it throws is what was observed: an attack that ends in an accident is not defended. */
export async function runAttack({ run, ...named }: Attack, stage: Stage): Promise<AttackResult> {
	if (!run) return { ...named, observed: "not seen here", verdict: "hardware only" };
	const observed = await run(stage).catch(
		(error: unknown) => `threw ${error instanceof Error ? `${error.name}: ${error.message}` : "something"}`,
	);
	return { ...named, observed, verdict: observed === named.expected ? "defended" : "open" };
}
