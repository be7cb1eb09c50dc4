import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { Program, ProgramId, ProgramList, ProgramRequest, ProgramRotation, ProgramToken } from "../access/program-request.ts";
import { addProgram, listPrograms, revokeProgram, rotateProgram } from "../access/programs.ts";
import { PageQuery } from "../page-request.ts";
import type { RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";
import { asCaller } from "./route-access.ts";

const params = Type.Object({ id: ProgramId });

/** Programs and their tokens. Admin only, and a person shows their passkey again for every change. */
export function programRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.get(
			"/v1/programs",
			{
				config: { allow: ["auditor"] },
				schema: described("listPrograms", "Programs that may ask, or could, a page at a time", ProgramList, {
					querystring: PageQuery,
				}),
			},
			async (request) => listPrograms(asCaller(context, request), request.query),
		);
		app.post(
			"/v1/programs",
			{
				config: { allow: [], stepUp: true },
				schema: described("addProgram", "Enter a program; its token is shown once", ProgramToken, { body: ProgramRequest }),
			},
			async (request) => addProgram(asCaller(context, request), request.body),
		);
		app.post(
			"/v1/programs/:id/rotate",
			{
				config: { allow: [], stepUp: true },
				schema: described("rotateProgram", "Another token; the one before is good for a while longer", ProgramToken, {
					params,
					body: ProgramRotation,
				}),
			},
			async (request) => rotateProgram(asCaller(context, request), request.params.id, request.body),
		);
		app.post(
			"/v1/programs/:id/revoke",
			{
				config: { allow: [], stepUp: true },
				schema: described("revokeProgram", "End a program at once", Program, {
					params,
					body: Type.Object({}, { additionalProperties: false }),
				}),
			},
			async (request) => revokeProgram(asCaller(context, request), request.params.id),
		);
	};
}
