import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import {
	Invitation,
	InvitationRequest,
	Person,
	PersonChange,
	PersonId,
	PersonList,
	PersonRequest,
} from "../access/access-request.ts";
import { addPerson, changePerson, inviteAgain, listPeople } from "../access/people.ts";
import { PageQuery } from "../page-request.ts";
import type { RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";
import { asCaller } from "./route-access.ts";

/** Who may do what. Admin only, and a person shows their passkey again for every change. */
export function peopleRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.get(
			"/v1/people",
			{
				config: { allow: ["auditor"] },
				schema: described("listPeople", "Everybody who may sign in, or could, a page at a time", PersonList, {
					querystring: PageQuery,
				}),
			},
			async (request) => listPeople(asCaller(context, request), request.query),
		);
		app.post(
			"/v1/people",
			{
				config: { allow: [], stepUp: true },
				schema: described("addPerson", "Enter a person and invite them", Invitation, { body: PersonRequest }),
			},
			async (request) => addPerson(asCaller(context, request), request.body),
		);
		app.patch(
			"/v1/people/:id",
			{
				config: { allow: [], stepUp: true },
				schema: described("changePerson", "Change somebody's roles, disable or enable them", Person, {
					params: Type.Object({ id: PersonId }),
					body: PersonChange,
				}),
			},
			async (request) => changePerson(asCaller(context, request), request.params.id, request.body),
		);
		app.post(
			"/v1/invitations",
			{
				config: { allow: [], stepUp: true },
				schema: described("invite", "Invite somebody again", Invitation, { body: InvitationRequest }),
			},
			async (request) => inviteAgain(asCaller(context, request), request.body.personId),
		);
	};
}
