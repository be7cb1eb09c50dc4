import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

import {
	ContractId,
	Enrollment,
	EnrollmentList,
	EnrollmentOffer,
	EnrollmentRequest,
	ReceiptRequest,
	StationName,
} from "../api.ts";
import { fromBase64 } from "../base64.ts";
import { enrollmentsOf, offerEnrollment, withdrawEnrollment } from "../enrollment/enrollments.ts";
import { confirmEnrollment } from "../enrollment/receipts.ts";
import { refusal } from "../refusal.ts";
import type { RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";
import { asCaller, asStation } from "./route-access.ts";

/** A receipt with a long attestation chain and evidence of many steps, in base64. */
const MAX_RECEIPT_BODY = 900 * 1024;
const Id = Type.Object({ id: Type.String({ maxLength: 64 }) });

/** What stations and desks call. Admin only. */
export function enrollmentRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.post(
			"/v1/enrollments",
			{
				config: { allow: ["operator"], repeat: "rerun" },
				schema: described("offerEnrollment", "Bind a contract to a handset, or find the binding again", EnrollmentOffer, {
					body: EnrollmentRequest,
				}),
			},
			async (request) => {
				const station = asStation(request, request.body.station);
				return offerEnrollment(asCaller(context, request), request.body.contractId, request.body, station);
			},
		);
		app.post(
			"/v1/enrollments/:id/receipt",
			{
				config: { allow: ["operator"] },
				schema: described("confirmEnrollment", "Store the handset's receipt and the evidence", Enrollment, {
					params: Id,
					body: ReceiptRequest,
				}),
				bodyLimit: MAX_RECEIPT_BODY,
			},
			async (request) =>
				confirmEnrollment(
					asCaller(context, request),
					request.params.id,
					bytes(request.body.receiptEnvelope),
					bytes(request.body.evidence),
				),
		);
		app.post(
			"/v1/enrollments/:id/withdraw",
			{
				config: { allow: ["operator"] },
				schema: described("withdrawEnrollment", "Take back an offer that no handset has confirmed", Enrollment, {
					params: Id,
					querystring: Type.Object({ station: Type.Optional(StationName) }),
				}),
			},
			async (request) =>
				withdrawEnrollment(asCaller(context, request), request.params.id, asStation(request, request.query.station)),
		);
		app.get(
			"/v1/enrollments",
			{
				config: { allow: ["agent", "operator", "technician", "auditor"] },
				schema: described("listEnrollments", "What is enrolled under a contract: none or one", EnrollmentList, {
					querystring: Type.Object({ contract: ContractId }),
				}),
			},
			async (request) => ({ enrollments: await enrollmentsOf(asCaller(context, request), request.query.contract) }),
		);
	};
}

function bytes(text: string): Uint8Array {
	try {
		return fromBase64(text);
	} catch {
		throw refusal("BAD_REQUEST", "A field is not base64.", "See /openapi.json.");
	}
}
