const SCRIPT = "/desk/service-worker.js";
/** How often a page that stays open looks for a newer one. Milliseconds. */
const LOOK_EVERY_MS = 30 * 60_000;

/** How often a worker that waits is asked to take over, once somebody wants it. Milliseconds. */
const ASK_EVERY_MS = 1000;

/** Said to a worker that waits: it may take over now. */
export const TAKE_OVER = "take-over";

/**
 * Keeps this page, as it was built, for when the network is away. The worker is registered when the page stands, and never takes over
 * by itself from another one.
 */
export function keepPage(): void {
	// Not in a secure context: the first card says so.
	if (!("serviceWorker" in navigator)) return;
	const { serviceWorker } = navigator;
	let hasWorker = serviceWorker.controller !== null;
	serviceWorker.addEventListener("controllerchange", () => {
		// A tab that waits for its turn is of the older version too. The very first worker brings no other version.
		if (hasWorker) location.reload();
		hasWorker = true;
	});
	const start = async () => {
		// A browser may refuse to keep anything: the page works all the same, with the network.
		const registration = await serviceWorker.register(SCRIPT, { scope: "/desk/", updateViaCache: "none" }).catch(() => undefined);
		if (registration) setInterval(() => void registration.update().catch(() => {}), LOOK_EVERY_MS);
	};
	if (document.readyState === "complete") void start();
	else globalThis.addEventListener("load", () => void start(), { once: true });
}

/** Calls back as soon as a newer version of the page waits. Returns how to stop it. */
export function onNewerVersion(callback: () => void): () => void {
	if (!("serviceWorker" in navigator)) return () => {};
	let isOver = false;
	const tell = (worker: ServiceWorker | null) => {
		if (!isOver && worker?.state === "installed" && navigator.serviceWorker.controller) callback();
	};
	void navigator.serviceWorker.ready.then((registration) => {
		tell(registration.waiting);
		const follow = (worker: ServiceWorker | null) => worker?.addEventListener("statechange", () => tell(worker));
		follow(registration.installing);
		registration.addEventListener("updatefound", () => follow(registration.installing));
	});
	return () => {
		isOver = true;
	};
}

/**
 * Lets the newest version that waits take over, which need not be the one that was told of, and loads the page again when it has. That
 * may take half a minute: Chromium lets the older worker fall asleep first, which it does 30 s after its last event if another tab was
 * being loaded while we asked.
 */
export function takeNewerVersion(): void {
	const ask = async () => {
		const registration = await navigator.serviceWorker.getRegistration();
		if (registration?.waiting) registration.waiting.postMessage(TAKE_OVER);
		else if (!registration?.installing && registration?.active?.state !== "activating") location.reload();
	};
	void ask();
	// Still newer versions may come meanwhile. The page is gone soon.
	setInterval(() => void ask(), ASK_EVERY_MS);
}
