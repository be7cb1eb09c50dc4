import type { BorrowerView } from "../../registry/borrower/borrower-request.ts";
import type { Telling } from "../frame/telling.ts";

/** A contract, and how its values are written. */
export interface Told {
	readonly view: BorrowerView;
	readonly telling: Telling;
}
