/**
 * The registry over HTTP, for the lender's staff and systems. Exports `createAdminClient(address): AdminClient`. Shapes are
 * those of `api.ts`. Runs in Node and browsers.
 */

import {
	type CodeRequest,
	Contract,
	ContractList,
	type ContractRequest,
	Enrollment,
	EnrollmentList,
	EscrowDepositPage,
	EscrowShares,
	ImeiStatus,
	IssuedCode,
	KeySets,
	Order,
	OrderList,
	type OrderRequest,
	type PaymentRequest,
	PaymentResult,
	type PayoffRequest,
	ReleaseCode,
} from "../api.ts";
import { fromBase64 } from "../base64.ts";
import { BorrowerCode } from "../borrower/borrower-request.ts";
import { allRows } from "./all-pages.ts";
import { createRegistryCaller, type RegistryAddress } from "./registry-call.ts";

/** Every method has a deadline and is safe to repeat. @throws {FaultError} from every method. */
export interface AdminClient {
	/** Enters a contract. The same request again gives the same contract; another one under its id is refused. */
	createContract(request: ContractRequest): Promise<Contract>;
	/** Contracts by id, a page at a time. */
	listContracts(page?: { after?: string; limit?: number }): Promise<ContractList>;
	/** @throws {FaultError} CONTRACT_UNKNOWN. */
	getContract(contractId: string): Promise<Contract>;
	/** Books a payment and extends the phone. Idempotent by reference. */
	recordPayment(contractId: string, payment: PaymentRequest): Promise<PaymentResult>;
	/** Issues an order. Without a `requestId` one is made up, so that a repeated attempt cannot issue it twice. */
	issueOrder(contractId: string, order: OrderRequest): Promise<Order>;
	/** All of them, in sequence. */
	listOrders(contractId: string): Promise<readonly Order[]>;
	/** Makes a time code. Without a `requestId` one is made up, so that a repeated attempt gives the same code. */
	issueCode(contractId: string, code: CodeRequest): Promise<IssuedCode>;
	/** The release code of a contract that has ended; PAYOFF_NOT_PROVEN before. */
	releaseCode(contractId: string): Promise<ReleaseCode>;
	/** Splits a contract's release secret into three shares, of which two free the phone. Different ones each time. */
	splitReleaseSecret(contractId: string): Promise<EscrowShares>;
	/** A page of all phones' release codes, sealed for the escrow's holders. @param after the page before's `next`. */
	escrowDeposit(after?: string): Promise<EscrowDepositPage>;
	/** Marks a contract paid off, or its phone returned: the release order goes out with the next check-in. */
	payOff(contractId: string, payoff: PayoffRequest): Promise<Contract>;
	/** The code that opens the borrower's own page. `renew`: a new one, the earlier ones open nothing any more. */
	borrowerCode(contractId: string, renew?: boolean): Promise<BorrowerCode>;
	/** What is enrolled under a contract: none or one. */
	listEnrollments(contractId: string): Promise<readonly Enrollment[]>;
	/** Takes back an offer that no handset has confirmed, so that another handset can be offered the contract. */
	withdrawEnrollment(enrollmentId: string): Promise<Enrollment>;
	/** Whether a phone is financed here. Needs no token. */
	imeiStatus(imei: string): Promise<ImeiStatus>;
	/** The lender's key sets, as envelopes. Not verified: see `key-set-trust.ts`. Needs no token. */
	keySets(): Promise<{ lenderId: string; keySetEnvelopes: readonly Uint8Array[] }>;
}

export function createAdminClient(address: RegistryAddress): AdminClient {
	const caller = createRegistryCaller(address);
	const contractPath = (contractId: string, rest = "") => `/v1/contracts/${encodeURIComponent(contractId)}${rest}`;
	return {
		createContract: (request) => caller.json({ method: "POST", path: "/v1/contracts", json: request, answer: Contract }),
		listContracts({ after, limit } = {}) {
			const query = new URLSearchParams();
			if (after !== undefined) query.set("after", after);
			if (limit !== undefined) query.set("limit", String(limit));
			return caller.json({ method: "GET", path: `/v1/contracts?${query}`, answer: ContractList });
		},
		getContract: (contractId) => caller.json({ method: "GET", path: contractPath(contractId), answer: Contract }),
		recordPayment: (contractId, payment) =>
			caller.json({ method: "POST", path: contractPath(contractId, "/payments"), json: payment, answer: PaymentResult }),
		issueOrder: (contractId, order) =>
			caller.json({
				method: "POST",
				path: contractPath(contractId, "/orders"),
				json: { ...order, requestId: order.requestId ?? crypto.randomUUID() },
				answer: Order,
			}),
		listOrders: (contractId) =>
			allRows(
				(query) => caller.json({ method: "GET", path: contractPath(contractId, `/orders?${query}`), answer: OrderList }),
				({ orders }) => orders,
			),
		issueCode: (contractId, code) =>
			caller.json({
				method: "POST",
				path: contractPath(contractId, "/codes"),
				json: { ...code, requestId: code.requestId ?? crypto.randomUUID() },
				answer: IssuedCode,
			}),
		releaseCode: (contractId) =>
			caller.json({ method: "POST", path: contractPath(contractId, "/release-code"), json: {}, answer: ReleaseCode }),
		splitReleaseSecret: (contractId) =>
			caller.json({ method: "POST", path: contractPath(contractId, "/escrow"), json: {}, answer: EscrowShares }),
		escrowDeposit: (after) =>
			caller.json({
				method: "GET",
				path: `/v1/escrow-deposit${after === undefined ? "" : `?after=${encodeURIComponent(after)}`}`,
				answer: EscrowDepositPage,
			}),
		payOff: (contractId, payoff) =>
			caller.json({ method: "POST", path: contractPath(contractId, "/payoff"), json: payoff, answer: Contract }),
		borrowerCode: (contractId, renew = false) =>
			caller.json({ method: "POST", path: contractPath(contractId, "/borrower-code"), json: { renew }, answer: BorrowerCode }),
		listEnrollments: async (contractId) =>
			(
				await caller.json({
					method: "GET",
					path: `/v1/enrollments?contract=${encodeURIComponent(contractId)}`,
					answer: EnrollmentList,
				})
			).enrollments,
		withdrawEnrollment: (enrollmentId) =>
			caller.json({
				method: "POST",
				path: `/v1/enrollments/${encodeURIComponent(enrollmentId)}/withdraw`,
				json: {},
				answer: Enrollment,
			}),
		imeiStatus: (imei) => caller.json({ method: "GET", path: `/v1/imei/${encodeURIComponent(imei)}`, answer: ImeiStatus }),
		async keySets() {
			const { lenderId, keySetEnvelopes } = await caller.json({ method: "GET", path: "/v1/key-sets", answer: KeySets });
			return { lenderId, keySetEnvelopes: keySetEnvelopes.map(fromBase64) };
		},
	};
}
