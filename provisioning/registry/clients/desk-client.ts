/**
 * What a shop's desk asks of the registry beside contracts and enrolments. Exports `createDeskClient(address): DeskClient`. Shapes
 * are those of `enrollment/desk-request.ts`. Runs in Node and browsers.
 */
import { type Crypto, toHex } from "../../../proto/crypto.ts";
import { faultError } from "../../handset/fault.ts";
import { fromBase64 } from "../base64.ts";
import { BorrowerCode } from "../borrower/borrower-request.ts";
import { AgentApkFacts, ContractPapers } from "../enrollment/desk-request.ts";
import { createRegistryCaller, type RegistryAddress } from "./registry-call.ts";

/** A file of some megabytes over a shop's line. */
const APK_DEADLINE_MS = 180_000;

/** The bytes that a contract's phone is given. */
export interface Papers {
	readonly terms: Uint8Array;
	/** Lower-case hex. */
	readonly termsSha256: string;
	readonly consent: Uint8Array;
	/** Lower-case hex. */
	readonly consentSha256: string;
}

/** Every method has a deadline and is safe to repeat. @throws {FaultError} from every method. */
export interface DeskClient {
	/** Terms and consent of a contract, checked against the hashes that they are signed for by. */
	papersOf(contractId: string): Promise<Papers>;
	/** The code that opens the borrower's own page, for the receipt. */
	borrowerCode(contractId: string): Promise<string>;
	/** The agent that the lender hands out. REGISTRY_REFUSED if it hands out none. */
	agentApkFacts(): Promise<AgentApkFacts>;
	/** The file, checked against its hash. */
	agentApkFile(facts: AgentApkFacts): Promise<Uint8Array>;
}

export function createDeskClient(address: RegistryAddress, crypto: Pick<Crypto, "sha256">): DeskClient {
	const caller = createRegistryCaller(address);
	const patient = createRegistryCaller({ ...address, deadlineMs: APK_DEADLINE_MS });
	const heldTo = (what: string, bytes: Uint8Array, sha256: string) => {
		if (toHex(crypto.sha256(bytes)) === sha256) return bytes;
		throw faultError("REGISTRY_UNTRUSTED", { raw: `${what} does not have the hash that was named` });
	};
	return {
		async papersOf(contractId) {
			const path = `/v1/contracts/${encodeURIComponent(contractId)}/papers`;
			const json = await caller.json({ method: "GET", path, answer: ContractPapers });
			const { termsSha256, consentSha256 } = json;
			return {
				terms: heldTo("the terms", fromBase64(json.terms), termsSha256),
				termsSha256,
				consent: heldTo("the consent", fromBase64(json.consent), consentSha256),
				consentSha256,
			};
		},
		async borrowerCode(contractId) {
			const path = `/v1/contracts/${encodeURIComponent(contractId)}/borrower-code`;
			return (await caller.json({ method: "POST", path, json: {}, answer: BorrowerCode })).code;
		},
		agentApkFacts: () => caller.json({ method: "GET", path: "/v1/agent-apk", answer: AgentApkFacts }),
		agentApkFile: async ({ sha256 }) => heldTo("the agent's APK", await patient.bytes(`/v1/agent-apk/${sha256}`), sha256),
	};
}
