/**
 * Two people for one act, over HTTP. Exports `createApprovalClient(address): ApprovalClient`. Shapes are those of
 * `access/approval-request.ts`. Runs in Node and browsers.
 */

import { Approval, type ApprovalDecision, ApprovalList, type ApprovalRequest } from "../access/approval-request.ts";
import { allRows } from "./all-pages.ts";
import { createRegistryCaller, type RegistryAddress } from "./registry-call.ts";

/** Every method has a deadline. @throws {FaultError} from every method. */
export interface ApprovalClient {
	/** All that was asked, newest first; `open`: only what still waits. */
	list(options?: { open?: boolean }): Promise<Approval[]>;
	/** Asks a second person to approve an exact act. The same again gives the same while it is open. */
	ask(request: ApprovalRequest): Promise<Approval>;
	/** Says yes to exactly this act. Asks for the passkey. */
	approve(approvalId: string, decision: ApprovalDecision): Promise<Approval>;
	/** Says no, or takes back what one asked. */
	refuse(approvalId: string, decision: ApprovalDecision): Promise<Approval>;
}

export function createApprovalClient(address: RegistryAddress): ApprovalClient {
	const caller = createRegistryCaller(address);
	const decide = (approvalId: string, verb: "approve" | "refuse", json: ApprovalDecision) =>
		caller.json({ method: "POST", path: `/v1/approvals/${encodeURIComponent(approvalId)}/${verb}`, json, answer: Approval });
	return {
		list: ({ open = false } = {}) =>
			allRows(
				(query) => caller.json({ method: "GET", path: `/v1/approvals?open=${open}&${query}`, answer: ApprovalList }),
				({ approvals }) => approvals,
			),
		ask: (request) => caller.json({ method: "POST", path: "/v1/approvals", json: request, answer: Approval }),
		approve: (approvalId, decision) => decide(approvalId, "approve", decision),
		refuse: (approvalId, decision) => decide(approvalId, "refuse", decision),
	};
}
