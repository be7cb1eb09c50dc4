import { Check, Convert } from "typebox/value";

import { ContractSearch } from "../../registry/contracts/contract-search-request.ts";

/** Views beside the list of contracts. */
export const VIEWS = ["contracts", "payments", "fleet", "approvals", "audit", "people"] as const;
export type View = (typeof VIEWS)[number];

/** What can be done with a contract, each in a card of its own. */
export const ACTS = [
	"payment",
	"notice",
	"hold",
	"restrict",
	"restore",
	"service",
	"code",
	"payoff",
	"release-code",
	"paid-but-locked",
	"locked-in-error",
	"in-clearing",
	"return",
	"appeal",
] as const;
export type ActName = (typeof ACTS)[number];

/** Where somebody is on the page, as the address says it: an address can be kept, sent and gone back to. */
export type Place =
	| { readonly view: "contract"; readonly contractId: string; readonly act?: ActName }
	| { readonly view: "contracts"; readonly search: ContractSearch }
	| { readonly view: Exclude<View, "contracts"> };

const FILTERS = ["text", "state", "standing", "overdueSinceDays", "silentSinceDays", "sort", "after"] as const;

/** Reads an address's query. What does not fit the registry's own schema is passed over: anybody may have typed it. */
export function readPlace(query: string): Place {
	const values = new URLSearchParams(query);
	const contractId = values.get("contract");
	if (contractId) {
		const act = ACTS.find((each) => each === values.get("act"));
		return { view: "contract", contractId, ...(act ? { act } : {}) };
	}
	const view = VIEWS.find((each) => each === values.get("view")) ?? "contracts";
	return view === "contracts" ? { view, search: readSearch(values) } : { view };
}

function readSearch(values: URLSearchParams): ContractSearch {
	const search: Record<string, unknown> = {};
	for (const name of FILTERS) {
		const text = values.get(name);
		if (text === null || text === "") continue;
		const value = Convert(ContractSearch.properties[name], text);
		if (Check(ContractSearch.properties[name], value)) search[name] = value;
	}
	return search;
}

/** The address of a place, below the page's own. */
export function addressOf(place: Place): string {
	const values = new URLSearchParams();
	switch (place.view) {
		case "contract":
			values.set("contract", place.contractId);
			if (place.act) values.set("act", place.act);
			break;
		case "contracts":
			for (const name of FILTERS) {
				const value = place.search[name];
				if (value !== undefined) values.set(name, String(value));
			}
			break;
		default:
			values.set("view", place.view);
	}
	return values.size === 0 ? "./" : `./?${values}`;
}
