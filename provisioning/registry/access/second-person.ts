import type { Transaction } from "kysely";

import type { Tables } from "../database/schema.ts";
import { Refusal, type RefusalText } from "../refusal.ts";
import { inTransaction, type RegistryContext } from "../registry-context.ts";

/** Something that one person may not do alone. */
export interface TwoPersonAct {
	/** Stable name. */
	readonly kind: "fleet.breaker" | "fleet.settings";
	/** What it is about: a contract's number, or `fleet`. */
	readonly subject: string;
	/** JSON. What exactly is agreed to: another request is another act. */
	readonly request: Readonly<Record<string, unknown>>;
}

/** Who agreed. */
export interface Agreement {
	/** `person/<id>`. */
	readonly approvedBy: string;
}

/**
 * Does an act that somebody else, who may, has agreed to: once, in the transaction that uses the agreement up.
 *
 * @throws {Refusal} while nobody has agreed to exactly this.
 */
export type SecondPerson = <Value>(
	context: RegistryContext,
	act: TwoPersonAct,
	work: (transaction: Transaction<Tables>, agreement: Agreement) => Promise<Value>,
) => Promise<Value>;

/** What whoever asks is told where there is no way to agree. */
class SecondPersonNeeded extends Refusal {
	constructor(
		readonly act: TwoPersonAct,
		text: RefusalText,
	) {
		super("FLEET_BREAKER", text);
	}
}

/** Breaks off work that nobody else has agreed to. @throws {Refusal} FLEET_BREAKER. */
export function needSecondPerson(act: TwoPersonAct, text: RefusalText): never {
	throw new SecondPersonNeeded(act, text);
}

/**
 * Does work in a transaction. If it turns out to need a second person, it is broken off, and done again from the start once there is
 * one: nothing of the first time is left.
 */
export async function inTransactionOfTwo<Value>(
	context: RegistryContext,
	work: (transaction: Transaction<Tables>, agreement?: Agreement) => Promise<Value>,
): Promise<Value> {
	try {
		return await inTransaction(context, (transaction) => work(transaction));
	} catch (error) {
		if (!(error instanceof SecondPersonNeeded) || !context.secondPerson) throw error;
		return await context.secondPerson(context, error.act, work).catch((refused: unknown) => {
			throw refused instanceof Refusal ? explained(error, refused) : refused;
		});
	}
}

/** Why a second person is needed at all, beside how far that has come. A program can ask nobody: it hears the reason alone. */
function explained(needed: SecondPersonNeeded, refused: Refusal): Refusal {
	if (refused.code === "FORBIDDEN") return needed;
	if (refused.code !== "APPROVAL_REQUIRED") return refused;
	return new Refusal(refused.code, {
		detail: `${needed.text.detail} ${refused.text.detail}`,
		next: refused.text.next,
		details: { ...needed.text.details, ...refused.text.details },
	});
}
