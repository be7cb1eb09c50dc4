/**
 * The registry over HTTP, for a borrower's own page. Exports `createBorrowerClient(address): BorrowerClient`. Runs in Node and
 * browsers.
 */
import { SignedOut } from "../access/access-request.ts";
import { BorrowerSession, BorrowerTimeCode, BorrowerView } from "../borrower/borrower-request.ts";
import { createRegistryCaller, type RegistryAddress } from "./registry-call.ts";

/** Every method has a deadline and is safe to repeat. @throws {FaultError} from every method. */
export interface BorrowerClient {
	/** @throws {FaultError} REGISTRY_REFUSED with the reason UNAUTHORIZED: number and code do not belong together. */
	signIn(contractId: string, code: string): Promise<SignedInBorrower>;
}

/** One's own contract, for as long as the session lasts. The token stands in memory alone and goes with this object. */
export interface SignedInBorrower {
	/** How long the session lasts from its beginning, in seconds. */
	readonly lastsSeconds: number;
	/** The contract as it is now. */
	contract(): Promise<BorrowerView>;
	/** Stops escalation. Once for each period that is paid for; the same again changes nothing. */
	dispute(text: string): Promise<BorrowerView>;
	/** A code that carries what is paid to the phone. @param requestNumber the eight digits on its screen. */
	timeCode(requestNumber: string): Promise<BorrowerTimeCode>;
	/** Ends the session at the registry as well. */
	signOut(): Promise<void>;
}

export function createBorrowerClient(address: RegistryAddress): BorrowerClient {
	return {
		async signIn(contractId, code) {
			const { token, expiresInSeconds } = await createRegistryCaller(address).json({
				method: "POST",
				path: "/v1/borrower/session",
				json: { contractId, code },
				answer: BorrowerSession,
			});
			return signedIn(createRegistryCaller({ ...address, borrowerToken: token }), expiresInSeconds);
		},
	};
}

function signedIn(caller: ReturnType<typeof createRegistryCaller>, lastsSeconds: number): SignedInBorrower {
	return {
		lastsSeconds,
		contract: () => caller.json({ method: "GET", path: "/v1/borrower/contract", answer: BorrowerView }),
		dispute: (text) => caller.json({ method: "POST", path: "/v1/borrower/disputes", json: { text }, answer: BorrowerView }),
		async signOut() {
			await caller.json({ method: "DELETE", path: "/v1/borrower/session", answer: SignedOut });
		},
		timeCode: (requestNumber) =>
			caller.json({ method: "POST", path: "/v1/borrower/codes", json: { requestNumber }, answer: BorrowerTimeCode }),
	};
}
