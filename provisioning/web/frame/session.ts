import { startAuthentication } from "@simplewebauthn/browser";
import type { SessionView } from "../../registry/access/access-request.ts";
import { createAccessClient } from "../../registry/clients/access-client.ts";
import type { RegistryAddress } from "../../registry/clients/registry-call.ts";
import { readPasskeyOptions } from "./passkey-options.ts";

/**
 * How a page of the registry reaches it: the browser's session says who asks. When nobody is signed in any more, the page
 * leaves for the sign-in page, which leads back to it; when an act asks for the passkey again, the browser shows its own
 * question, and the act is sent once more. Give it to any client of the registry: `createAdminClient(pageAddress())`.
 */
export function pageAddress(): RegistryAddress {
	const address = { url: location.origin, session: { onSignedOut: leaveForSignIn } };
	return { ...address, session: { ...address.session, stepUp: () => stepUp(address) } };
}

/**
 * Who is signed in, with roles, pages and times. When nobody is, the page leaves for the sign-in page and the promise stays
 * open.
 *
 * @param over such as a shorter deadline, for a page that can do without an answer.
 * @throws {FaultError} REGISTRY_UNREACHABLE.
 */
export function currentSession(over: Pick<RegistryAddress, "attempts" | "deadlineMs"> = {}): Promise<SessionView> {
	return new Promise((resolve, reject) => {
		let isLeaving = false;
		const onSignedOut = () => {
			isLeaving = true;
			leaveForSignIn();
		};
		createAccessClient({ url: location.origin, session: { onSignedOut }, ...over })
			.session()
			.then(resolve, (error: unknown) => isLeaving || reject(error));
	});
}

/** A page that can go on without the server waits for it no longer than this. Milliseconds. */
const BRIEF = { attempts: 1, deadlineMs: 4000 };

/**
 * Who is signed in, or, where the registry does not answer, who may go on without it.
 *
 * @param withoutNetwork such a person, if the page knows one.
 * @throws {FaultError} REGISTRY_UNREACHABLE.
 */
export async function sessionOr(withoutNetwork: (() => Promise<SessionView | undefined>) | undefined): Promise<SessionView> {
	const other = await withoutNetwork?.();
	if (!other) return currentSession();
	return currentSession(BRIEF).catch(() => other);
}

/** Ends the session, or every one of the person, and shows the sign-in page. */
export async function signOut(options: { everywhere?: boolean } = {}): Promise<void> {
	await createAccessClient({ url: location.origin, session: { onSignedOut: leaveForSignIn } }).signOut(options);
	location.assign("/sign-in/");
}

/** Where somebody signs in and is then led back. What stands after # is never sent to a server, and so in no log. */
export function signInAddress(back: string): string {
	return `/sign-in/#${new URLSearchParams({ to: back })}`;
}

/** Leaves for the sign-in page, which leads back here. */
export function leaveForSignIn(): void {
	location.assign(signInAddress(`${location.pathname}${location.search}${location.hash}`));
}

/** @returns false when the person said no, or has no passkey. */
async function stepUp(address: RegistryAddress): Promise<boolean> {
	const client = createAccessClient(address);
	try {
		const { challengeId, options } = await client.startStepUp();
		const response = await startAuthentication({ optionsJSON: readPasskeyOptions(options) });
		await client.finishStepUp({ challengeId, response: { ...response } });
		return true;
	} catch {
		return false; // the act itself is refused then, and says why
	}
}
