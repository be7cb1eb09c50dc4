import type { Selectable } from "kysely";

import type { ServiceCasesTable } from "../database/schema.ts";
import type { ExchangeRequest, RebindRequest, ReturnRequest, ServiceCase } from "./service-request.ts";

export type CaseRow = Selectable<ServiceCasesTable>;

/** What was asked, by its kind. */
export type CaseRequest =
	| ({ readonly kind: "rebind" } & RebindRequest)
	| ({ readonly kind: "exchange" } & ExchangeRequest)
	| ({ readonly kind: "return" } & ReturnRequest);

/** A request of our own table. */
export function requestOf({ kind, request }: Pick<CaseRow, "kind" | "request">): CaseRequest {
	return { kind, ...JSON.parse(request) } as CaseRequest; // was checked against its schema when it came
}

export function caseJson(row: CaseRow): ServiceCase {
	const request = requestOf(row);
	return {
		caseId: row.case_id,
		contractId: row.contract_id,
		kind: row.kind,
		state: row.state,
		reason: request.reason,
		...(request.kind === "return"
			? { imeiTail: request.imeiTail, reference: request.reference }
			: { handset: request.handset, oldImei: request.oldImei }),
		...(request.kind === "exchange" ? { oldPhone: request.oldPhone } : {}),
		askedBy: row.asked_by,
		askedAtUnixSeconds: row.asked_at,
		...(row.decided_by === null ? {} : { decidedBy: row.decided_by }),
		...(row.decided_at === null ? {} : { decidedAtUnixSeconds: row.decided_at }),
		...(row.note === null ? {} : { note: row.note }),
		...(row.rule === null ? {} : { rule: row.rule }),
	};
}
