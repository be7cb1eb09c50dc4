import { Check } from "typebox/value";
import { PersonChange, PersonRequest } from "../../registry/access/access-request.ts";
import type { AccessClient } from "../../registry/clients/access-client.ts";

/** How an approved change of an administrator is made; `undefined` if the request is of another shape. */
export function doPersonAct(
	access: AccessClient,
	request: Readonly<Record<string, unknown>>,
): (() => Promise<unknown>) | undefined {
	const { act, personId, ...rest } = request;
	if (act === "add" && Check(PersonRequest, rest)) return () => access.addPerson(rest);
	if (typeof personId !== "string") return undefined;
	if (act === "invite") return () => access.invite(personId);
	return act === "change" && Check(PersonChange, rest) ? () => access.changePerson(personId, rest) : undefined;
}
