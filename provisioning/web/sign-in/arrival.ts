import { ownPath } from "../frame/own-path.ts";

/** Why somebody is on this page, as the address says it. */
export interface Arrival {
	/** Code of an invitation. */
	readonly invitation?: string;
	/** What went wrong at the identity provider: a code. */
	readonly problem?: string;
}

/** Kept for this tab while the person is at the identity provider. */
const BACK = "holdfast-back";

/** Reads what stands after # in an address. */
export function readArrival(hash: string): Arrival & { readonly to?: string } {
	const said = new URLSearchParams(hash.replace(/^#/, ""));
	const [invitation, problem, to] = [said.get("invitation"), said.get("problem"), said.get("to")];
	return {
		...(invitation === null || !/^[\w-]{43}$/.test(invitation) ? {} : { invitation }),
		...(problem === null || !/^[A-Z_]{1,40}$/.test(problem) ? {} : { problem }),
		...(to === null ? {} : { to }),
	};
}

/** Reads the address and takes it out of the bar and the history: an invitation's code is a secret until it is used. */
export function takeArrival(): Arrival {
	const { to, ...arrival } = readArrival(location.hash);
	const back = ownPath(to, location.origin);
	try {
		if (back !== undefined) sessionStorage.setItem(BACK, back);
	} catch {
		// A browser that keeps nothing: the person finds their page from here.
	}
	if (location.hash !== "") history.replaceState(null, "", location.pathname);
	return arrival;
}

/** The page that the person came from, once. Read again as if anybody had written it. */
export function takeBack(): string | undefined {
	try {
		const back = ownPath(sessionStorage.getItem(BACK), location.origin);
		sessionStorage.removeItem(BACK);
		return back?.startsWith("/sign-in/") ? undefined : back;
	} catch {
		return undefined;
	}
}
