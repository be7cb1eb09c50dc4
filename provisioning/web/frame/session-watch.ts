import { createAccessClient } from "../../registry/clients/access-client.ts";
import { leaveForSignIn } from "./session.ts";

const LOOKS_EVERY_MS = 60_000;
/** As long as a session lasts without a request: a page that cannot ask for so long shows nothing of it any more. */
const SILENT_MS = 30 * 60_000;

/**
 * Clears a page whose session ended while nobody was at it. Looks once a minute, and when the page comes back from the background; to
 * look keeps no session alive.
 *
 * @param onEnd default: the page leaves for sign-in, which leads back.
 * @returns stops it.
 */
export function watchSession(onEnd: () => void = leaveForSignIn): () => void {
	const client = createAccessClient({ url: location.origin, session: { onSignedOut: onEnd }, attempts: 1 });
	let heardAt = performance.now();
	const look = () => {
		client.session({ isPoll: true }).then(
			() => {
				heardAt = performance.now();
			},
			() => {
				if (performance.now() - heardAt > SILENT_MS) onEnd();
			},
		);
	};
	const lookIfShown = () => {
		if (document.visibilityState === "visible") look();
	};
	const timer = setInterval(look, LOOKS_EVERY_MS);
	addEventListener("pageshow", look);
	document.addEventListener("visibilitychange", lookIfShown);
	return () => {
		clearInterval(timer);
		removeEventListener("pageshow", look);
		document.removeEventListener("visibilitychange", lookIfShown);
	};
}
