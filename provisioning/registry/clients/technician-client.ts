/**
 * The registry over HTTP, for technicians and whoever approves what they ask. Exports `createTechnicianClient(address):
 * TechnicianClient`. Shapes are those of `service/service-request.ts`. Runs in Node and browsers.
 */

import { Contract, ImeiStatus } from "../api.ts";
import { Certificate } from "../borrower/borrower-request.ts";
import {
	type ExchangeRequest,
	FoundContracts,
	type RebindRequest,
	type ReleaseReport,
	ReleaseReportKept,
	type ReturnRequest,
	ScreenLockHelp,
	type ScreenLockHelpRequest,
	ServiceCase,
	ServiceCaseList,
	ServiceWindow,
	type ServiceWindowRequest,
} from "../service/service-request.ts";
import { allRows } from "./all-pages.ts";
import { createRegistryCaller, type RegistryAddress } from "./registry-call.ts";

/** Every method has a deadline and is safe to repeat. @throws {FaultError} from every method. */
export interface TechnicianClient {
	/** @throws {FaultError} CONTRACT_UNKNOWN. */
	getContract(contractId: string): Promise<Contract>;
	/** Contracts that a phone is or was on, the running one first. */
	contractsOfImei(imei: string): Promise<readonly Contract[]>;
	/** Without a `requestId` one is made up, so that a repeated attempt gives the same. */
	openServiceWindow(contractId: string, request: ServiceWindowRequest): Promise<ServiceWindow>;
	askRebind(contractId: string, request: RebindRequest): Promise<ServiceCase>;
	askExchange(contractId: string, request: ExchangeRequest): Promise<ServiceCase>;
	askReturn(contractId: string, request: ReturnRequest): Promise<ServiceCase>;
	/** What was asked for a contract, the latest first. */
	casesOf(contractId: string): Promise<readonly ServiceCase[]>;
	/** What waits for somebody to approve it, the oldest first. */
	waitingCases(): Promise<readonly ServiceCase[]>;
	approveCase(caseId: string, note?: string): Promise<ServiceCase>;
	/** Refuses it, or takes it back. */
	refuseCase(caseId: string, note?: string): Promise<ServiceCase>;
	logScreenLockHelp(contractId: string, request: ScreenLockHelpRequest): Promise<ScreenLockHelp>;
	/** Writes down what a release was seen to change. */
	keepReleaseReport(contractId: string, report: ReleaseReport): Promise<void>;
	/** Whether a phone is financed here. Needs no session. */
	imeiStatus(imei: string): Promise<ImeiStatus>;
	/** A payoff certificate. Needs no session. */
	certificate(certificateId: string): Promise<Certificate>;
}

export function createTechnicianClient(address: RegistryAddress): TechnicianClient {
	const caller = createRegistryCaller(address);
	const contract = (contractId: string, rest = "") => `/v1/contracts/${encodeURIComponent(contractId)}${rest}`;
	const decide = (caseId: string, what: "approve" | "refuse", note: string | undefined) =>
		caller.json({
			method: "POST",
			path: `/v1/service-cases/${encodeURIComponent(caseId)}/${what}`,
			json: note === undefined ? {} : { note },
			answer: ServiceCase,
		});
	const ask = (contractId: string, kind: "rebind" | "exchange" | "return", json: object) =>
		caller.json({ method: "POST", path: contract(contractId, `/${kind}`), json, answer: ServiceCase });
	return {
		getContract: (contractId) => caller.json({ method: "GET", path: contract(contractId), answer: Contract }),
		contractsOfImei: (imei) =>
			allRows(
				(query) =>
					caller.json({ method: "GET", path: `/v1/imei/${encodeURIComponent(imei)}/contracts?${query}`, answer: FoundContracts }),
				({ contracts }) => contracts,
			),
		openServiceWindow: (contractId, request) =>
			caller.json({
				method: "POST",
				path: contract(contractId, "/service-window"),
				json: { ...request, requestId: request.requestId ?? crypto.randomUUID() },
				answer: ServiceWindow,
			}),
		askRebind: (contractId, request) => ask(contractId, "rebind", request),
		askExchange: (contractId, request) => ask(contractId, "exchange", request),
		askReturn: (contractId, request) => ask(contractId, "return", request),
		casesOf: (contractId) =>
			allRows(
				(query) => caller.json({ method: "GET", path: contract(contractId, `/service-cases?${query}`), answer: ServiceCaseList }),
				({ cases }) => cases,
			),
		waitingCases: () =>
			allRows(
				(query) => caller.json({ method: "GET", path: `/v1/service-cases?${query}`, answer: ServiceCaseList }),
				({ cases }) => cases,
			),
		approveCase: (caseId, note) => decide(caseId, "approve", note),
		refuseCase: (caseId, note) => decide(caseId, "refuse", note),
		logScreenLockHelp: (contractId, request) =>
			caller.json({ method: "POST", path: contract(contractId, "/screen-lock-help"), json: request, answer: ScreenLockHelp }),
		async keepReleaseReport(contractId, report) {
			const verdicts = (lines: ReleaseReport["health"]) => lines.map(({ name, verdict }) => ({ name, verdict }));
			await caller.json({
				method: "POST",
				path: contract(contractId, "/release-report"),
				json: { health: verdicts(report.health), sheet: verdicts(report.sheet) },
				answer: ReleaseReportKept,
			});
		},
		imeiStatus: (imei) => caller.json({ method: "GET", path: `/v1/imei/${encodeURIComponent(imei)}`, answer: ImeiStatus }),
		certificate: (certificateId) =>
			caller.json({ method: "GET", path: `/v1/certificates/${encodeURIComponent(certificateId)}`, answer: Certificate }),
	};
}
