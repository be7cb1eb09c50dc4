/**
 * What the lender's console asks of the registry, over HTTP. Exports `createConsoleClient(address): ConsoleClient`. Shapes are those of
 * `contracts/console-request.ts`. Runs in Node and browsers.
 */
import type { OrderRequest } from "../api.ts";
import {
	type AppealDecision,
	ContractPage,
	type ContractSearch,
	ContractStory,
	Fleet,
	type FleetExtendRequest,
	FleetExtension,
	FleetList,
	type FleetListRequest,
	FleetSettings,
	type FleetSettingsChange,
	type InClearingRequest,
	type LockedInErrorRequest,
	OrderCheck,
	type PaidButLockedRequest,
	type PaymentImport,
	PaymentImportResult,
	type ReturnRequest,
	type StoryQuery,
	SupportResult,
} from "../contracts/console-request.ts";
import { createRegistryCaller, type RegistryAddress } from "./registry-call.ts";

/** How long the registry may take to book a file of payments, or to write part of an extension, in milliseconds. */
const LONG_DEADLINE_MS = 120_000;

/** Every method has a deadline and is safe to repeat. @throws {FaultError} from every method. */
export interface ConsoleClient {
	/** A page of the contracts that fit. */
	search(search?: ContractSearch): Promise<ContractPage>;
	/** All that is known of one contract. */
	story(contractId: string, query?: StoryQuery): Promise<ContractStory>;
	/** What would become of an order; nothing is sent. */
	checkOrder(contractId: string, order: OrderRequest): Promise<OrderCheck>;
	/**
	 * Checks a file of payments whole, then books them; a long file is given several times. Idempotent by contract and reference.
	 *
	 * @param onProgress what was booked so far.
	 */
	importPayments(file: PaymentImport, onProgress?: (soFar: PaymentImportResult) => void): Promise<PaymentImportResult>;
	fleet(): Promise<Fleet>;
	/** Admin only. More locks than now need a second person. */
	changeFleetSettings(change: FleetSettingsChange): Promise<FleetSettings>;
	/** A list of open contracts as it is now. Admin only. */
	fleetList(list: FleetListRequest): Promise<FleetList>;
	/** Begins a hold for many. Call {@link continueExtension} until it is done. Admin only. */
	extendFleet(request: FleetExtendRequest): Promise<FleetExtension>;
	/** Issues the next holds of an extension. */
	continueExtension(extensionId: string): Promise<FleetExtension>;
	paidButLocked(contractId: string, request: PaidButLockedRequest): Promise<SupportResult>;
	/** Opens an appeal. */
	lockedInError(contractId: string, request: LockedInErrorRequest): Promise<SupportResult>;
	/** Ends an appeal. */
	decideAppeal(contractId: string, decision: AppealDecision): Promise<SupportResult>;
	inClearing(contractId: string, request: InClearingRequest): Promise<SupportResult>;
	/** The contract ends; its phone is set free. */
	returned(contractId: string, request: ReturnRequest): Promise<SupportResult>;
	/** Addresses of files to download, below the registry's own: a page links to them. */
	readonly downloads: { readonly contracts: string; readonly payments: string; readonly audit: string };
}

export function createConsoleClient(address: RegistryAddress): ConsoleClient {
	const caller = createRegistryCaller(address);
	const patient = createRegistryCaller({ ...address, deadlineMs: LONG_DEADLINE_MS });
	const ofContract = (contractId: string, rest: string) => `/v1/contracts/${encodeURIComponent(contractId)}${rest}`;
	const support = (contractId: string, flow: string, json: unknown) =>
		caller.json({ method: "POST", path: ofContract(contractId, `/support/${flow}`), json, answer: SupportResult });
	return {
		search: (search = {}) => caller.json({ method: "GET", path: `/v1/contracts/search${queryOf(search)}`, answer: ContractPage }),
		story: (contractId, query = {}) =>
			caller.json({ method: "GET", path: ofContract(contractId, `/story${queryOf(query)}`), answer: ContractStory }),
		checkOrder: (contractId, order) =>
			caller.json({ method: "POST", path: ofContract(contractId, "/orders/check"), json: order, answer: OrderCheck }),
		async importPayments(file, onProgress) {
			const give = () => patient.json({ method: "POST", path: "/v1/payments/import", json: file, answer: PaymentImportResult });
			let sum = await give();
			while (sum.left > 0 && sum.failed.length === 0) {
				onProgress?.(sum);
				const next = await give();
				if (next.booked === 0 && next.left === sum.left) break;
				const { booked, left, failed, errors, errorCount } = next;
				sum = { ...sum, booked: sum.booked + booked, left, failed, errors, errorCount, totals: added(sum.totals, next.totals) };
			}
			return sum;
		},
		fleet: () => caller.json({ method: "GET", path: "/v1/fleet", answer: Fleet }),
		changeFleetSettings: (change) =>
			caller.json({ method: "POST", path: "/v1/fleet/settings", json: change, answer: FleetSettings }),
		fleetList: (list) => patient.json({ method: "POST", path: "/v1/fleet/list", json: list, answer: FleetList }),
		extendFleet: (request) => patient.json({ method: "POST", path: "/v1/fleet/extend", json: request, answer: FleetExtension }),
		continueExtension: (extensionId) =>
			patient.json({
				method: "POST",
				path: `/v1/fleet/extend/${encodeURIComponent(extensionId)}/continue`,
				json: {},
				answer: FleetExtension,
			}),
		paidButLocked: (contractId, request) => support(contractId, "paid-but-locked", request),
		lockedInError: (contractId, request) => support(contractId, "locked-in-error", request),
		decideAppeal: (contractId, decision) => support(contractId, "appeal-decision", decision),
		inClearing: (contractId, request) => support(contractId, "in-clearing", request),
		returned: (contractId, request) => support(contractId, "return", request),
		downloads: { contracts: "/v1/exports/contracts.csv", payments: "/v1/exports/payments.csv", audit: "/v1/exports/audit.jsonl" },
	};
}

type Totals = PaymentImportResult["totals"];

function added(a: Totals, b: Totals): Totals {
	const sums = new Map<string, number>();
	for (const { currency, amountMinor } of [...a, ...b]) sums.set(currency, (sums.get(currency) ?? 0) + amountMinor);
	return [...sums].map(([currency, amountMinor]) => ({ currency, amountMinor }));
}

function queryOf(members: Readonly<Record<string, string | number | undefined>>): string {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(members)) if (value !== undefined) query.set(name, String(value));
	return query.size === 0 ? "" : `?${query}`;
}
