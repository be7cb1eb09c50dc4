/** Which phone a client means. */
export type Target =
	| { readonly by: "id"; readonly id: string }
	/** A serial, `usb:1-4.2`, `product:...`, `model:...` or `device:...`. */
	| { readonly by: "name"; readonly name: string }
	| { readonly by: "kind"; readonly kind: "any" | "usb" | "local" };

/** A client's first request, as far as the hub has to understand it (SERVICES.TXT of adb). */
export type HubRequest =
	| { readonly type: "list"; readonly long: boolean; readonly follow: boolean }
	/** What follows on the connection goes to this phone. `tellsId`: the answer carries its transport id. */
	| { readonly type: "select"; readonly target: Target; readonly tellsId: boolean }
	/** One question about a phone, answered by the server. */
	| { readonly type: "about"; readonly target: Target; readonly service: string }
	| { readonly type: "kill" }
	/** None of the hub's business. */
	| { readonly type: "other" };

const ANY: Target = { by: "kind", kind: "any" };
/** Services of the server that concern one phone. A name before them may hold colons: it ends where the first of these begins. */
const ABOUT = /^(?:features|get-state|get-serialno|get-devpath|reconnect|wait-for-[a-z-]+|(?:kill)?forward:.*|attach|detach)$/s;
const ABOUT_NAMED =
	/^(.+?):(features|get-state|get-serialno|get-devpath|reconnect|wait-for-[a-z-]+|(?:kill)?forward(?:-all)?:.*|list-forward|attach|detach)$/s;

export function parseRequest(request: string): HubRequest {
	const serial = ABOUT_NAMED.exec(after(request, "host-serial:") ?? "");
	if (serial) return { type: "about", target: { by: "name", name: serial[1] ?? "" }, service: serial[2] ?? "" };
	const id = /^host-transport-id:(\d+):(.*)$/s.exec(request);
	if (id) return { type: "about", target: { by: "id", id: id[1] ?? "" }, service: id[2] ?? "" };
	const kind = /^host-(usb|local):(.*)$/s.exec(request);
	if (kind) return { type: "about", target: kindOf(kind[1]), service: kind[2] ?? "" };
	const service = after(request, "host:");
	if (service === undefined) return { type: "other" };
	const list = /^(track-)?devices(-l)?$/.exec(service);
	if (list) return { type: "list", follow: list[1] !== undefined, long: list[2] !== undefined };
	if (service === "kill") return { type: "kill" };
	const chosen = /^tport:(?:serial:(.+)|(any|usb|local))$/s.exec(service);
	if (chosen) return { type: "select", target: chosen[1] === undefined ? kindOf(chosen[2]) : nameOf(chosen[1]), tellsId: true };
	const transport = /^transport(?:-id:(\d+)|:(.+)|-(any|usb|local))$/s.exec(service);
	if (transport) {
		const [, byId, byName, byKind] = transport;
		const target: Target = byId !== undefined ? { by: "id", id: byId } : byName !== undefined ? nameOf(byName) : kindOf(byKind);
		return { type: "select", target, tellsId: false };
	}
	return ABOUT.test(service) ? { type: "about", target: ANY, service } : { type: "other" };
}

function after(text: string, prefix: string): string | undefined {
	return text.startsWith(prefix) ? text.slice(prefix.length) : undefined;
}

function nameOf(name: string): Target {
	return { by: "name", name };
}

function kindOf(kind: string | undefined): Target {
	return kind === "usb" || kind === "local" ? { by: "kind", kind } : ANY;
}
