/** What the desk does with contracts: fetched when the first screen stands. */
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { faultError } from "../../handset/fault.ts";
import type { Contract } from "../../registry/api.ts";
import { createAdminClient } from "../../registry/clients/admin-client.ts";
import { createDeskClient, type Papers } from "../../registry/clients/desk-client.ts";
import type { RegistryAddress } from "../../registry/clients/registry-call.ts";
import type { ContractRequest } from "../../registry/contracts/contract-request.ts";
import { type ConsentView, consentViewOf, type TermsView, termsViewOf, termsViewOfRequest } from "./terms-view.ts";

/** A contract that stands in the registry, and what its phone will be given. */
export interface PreparedContract {
	readonly contract: Contract;
	readonly papers: Papers;
	readonly terms: TermsView;
	readonly consent: ConsentView;
}

/** @throws {FaultError} CONTRACT_UNKNOWN, CONTRACT_CLOSED, REGISTRY_UNREACHABLE, REGISTRY_UNTRUSTED. */
export async function lookUp(address: RegistryAddress, contractId: string): Promise<PreparedContract> {
	const [contract, papers] = await Promise.all([
		createAdminClient(address).getContract(contractId),
		createDeskClient(address, nobleCrypto).papersOf(contractId),
	]);
	return preparedOf(contract, papers);
}

/** Holds a contract and its papers to each other. @throws {FaultError} CONTRACT_CLOSED, REGISTRY_UNTRUSTED. */
export function preparedOf(contract: Contract, papers: Papers): PreparedContract {
	if (contract.state !== "open")
		throw faultError("CONTRACT_CLOSED", { details: { contract: contract.contractId, state: contract.state } });
	if (contract.termsSha256 !== papers.termsSha256)
		throw faultError("REGISTRY_UNTRUSTED", { raw: "the terms are not those of the contract" });
	return { contract, papers, terms: termsViewOf(papers.terms), consent: consentViewOf(papers.consent) };
}

/**
 * Enters a contract, and holds the registry to what the borrower was shown.
 *
 * @throws {FaultError} REGISTRY_REFUSED, or REGISTRY_UNTRUSTED if the terms say anything else than what was shown.
 */
export async function enter(address: RegistryAddress, request: ContractRequest): Promise<PreparedContract> {
	await createAdminClient(address).createContract(request);
	const prepared = await lookUp(address, request.contractId);
	if (JSON.stringify(prepared.terms) !== JSON.stringify(termsViewOfRequest(request)))
		throw faultError("REGISTRY_UNTRUSTED", { raw: "the terms are not those that the borrower was shown" });
	return prepared;
}

export { termsViewOfRequest };
