import { randomUUID } from "node:crypto";

import { issueCode } from "../codes/codes.ts";
import { getContract } from "../contracts/contracts.ts";
import { issueOrder } from "../orders/orders.ts";
import type { RegistryContext } from "../registry-context.ts";
import type { ServiceWindow, ServiceWindowRequest } from "./service-request.ts";

/**
 * Opens USB debugging on a sealed phone for some hours, and nothing else: by a code for the number on its screen, or by an order that
 * comes with its next check-in. Also for a contract that has ended, so that its phone can be freed by cable.
 *
 * @throws {Refusal} CONTRACT_UNKNOWN, CONTRACT_CLOSED (the phone is free already), CODE_REFUSED, CONFLICT.
 */
export async function openServiceWindow(
	context: RegistryContext,
	contractId: string,
	{ hours, requestNumber, requestId = randomUUID() }: ServiceWindowRequest,
): Promise<ServiceWindow> {
	const given =
		requestNumber === undefined
			? {
					order: await issueOrder(context, contractId, {
						action: "service_window",
						durationSeconds: hours * 3600,
						reason: "service",
						requestId,
					}),
				}
			: { code: await issueCode(context, contractId, { kind: "service", hours, requestNumber, requestId }) };
	const at = (await getContract(context, contractId)).enrollment?.lastCheckInUnixSeconds;
	return { ...given, ...(at === undefined ? {} : { lastCheckInUnixSeconds: at }) };
}
