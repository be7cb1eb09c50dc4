/** One thing that must be right before a phone is plugged in. */
export interface PreflightCheck {
	readonly name: PreflightName;
	readonly isGood: boolean;
	/** It does not answer, and the desk is ready to do without it. */
	readonly isWithout?: true;
	/** Numbers for its sentence. */
	readonly values?: Readonly<Record<string, string | number>>;
}

export const PREFLIGHT_NAMES = ["secure", "browser", "policy", "storage", "backend", "clock", "agent"] as const;
export type PreflightName = (typeof PREFLIGHT_NAMES)[number];

/** Keys, the agent and room to spare. */
const MIN_STORAGE_BYTES = 50 * 1024 * 1024;
/** What a till's clock may be off: consent and evidence carry its time. */
const MAX_SKEW_SECONDS = 120;
const DEADLINE_MS = 8_000;

/** What the checks look at: the browser, and nothing else. */
export interface PreflightPlace {
	readonly isSecure: boolean;
	readonly usb: USB | undefined;
	/** Whether the page's own policy lets it ask for USB. */
	readonly isUsbAllowed: () => boolean;
	readonly storageBytes: () => Promise<number | undefined>;
	/** Opens a database and closes it again; rejects where nothing is kept. */
	readonly tryStorage: () => Promise<void>;
	readonly fetch: typeof fetch;
	readonly nowMs: () => number;
	/** Resolves if the registry hands out the agent. */
	readonly askForAgent: () => Promise<unknown>;
	/** Whether a phone can be bound without the registry: agent and vouchers lie here. */
	readonly isPrepared: () => Promise<boolean>;
}

/** Looks at everything at once. Never rejects: what cannot be asked is not good. */
export async function runPreflight(place: PreflightPlace): Promise<readonly PreflightCheck[]> {
	const [policy, storage, backend, agent] = await Promise.all([
		isTrue(async () => {
			if (!place.usb || !place.isUsbAllowed()) return false;
			await place.usb.getDevices(); // rejects where an administrator switched WebUSB off
			return true;
		}),
		isTrue(async () => {
			await place.tryStorage();
			return ((await place.storageBytes()) ?? MIN_STORAGE_BYTES) >= MIN_STORAGE_BYTES;
		}),
		askBackend(place),
		isTrue(async () => {
			await place.askForAgent();
			return true;
		}),
	]);
	const skew = backend.skewSeconds ?? 0;
	const isWithout = !backend.isReady && (await isTrue(place.isPrepared));
	const without = isWithout ? ({ isGood: true, isWithout } as const) : undefined;
	return [
		{ name: "secure", isGood: place.isSecure },
		{ name: "browser", isGood: place.usb !== undefined },
		{ name: "policy", isGood: policy },
		{ name: "storage", isGood: storage },
		{ name: "backend", ...(without ?? { isGood: backend.isReady }) },
		{
			name: "clock",
			...(without ?? { isGood: backend.isReady && Math.abs(skew) <= MAX_SKEW_SECONDS, values: { seconds: Math.abs(skew) } }),
		},
		{ name: "agent", ...(without ?? { isGood: agent }) },
	];
}

/** Whether the registry and its database answer, and how far this clock is ahead of theirs. */
async function askBackend({ fetch: send, nowMs }: PreflightPlace): Promise<{ isReady: boolean; skewSeconds?: number }> {
	try {
		const before = nowMs();
		const answer = await send("/readyz", { cache: "no-store", signal: AbortSignal.timeout(DEADLINE_MS) });
		const middle = (before + nowMs()) / 2;
		const date = Date.parse(answer.headers.get("date") ?? "");
		return { isReady: answer.ok, ...(Number.isNaN(date) ? {} : { skewSeconds: Math.round((middle - date) / 1000) }) };
	} catch {
		return { isReady: false };
	}
}

async function isTrue(look: () => Promise<boolean>): Promise<boolean> {
	try {
		return await look();
	} catch {
		return false;
	}
}

/** This very browser. */
export function thisBrowser({ askForAgent, isPrepared }: Pick<PreflightPlace, "askForAgent" | "isPrepared">): PreflightPlace {
	const policy: { allowsFeature(name: string): boolean } | undefined =
		"featurePolicy" in document
			? (document.featurePolicy as { allowsFeature(name: string): boolean }) // Chromium's own, not in the DOM's types
			: undefined;
	return {
		isSecure: globalThis.isSecureContext,
		usb: browserUsb(),
		isUsbAllowed: () => policy?.allowsFeature("usb") ?? true,
		storageBytes: async () => (await navigator.storage?.estimate())?.quota,
		tryStorage: () =>
			new Promise((resolve, reject) => {
				const request = indexedDB.open("holdfast-desk-check", 1);
				request.onerror = () => reject(request.error ?? new Error("no database"));
				request.onsuccess = () => {
					request.result.close();
					indexedDB.deleteDatabase("holdfast-desk-check");
					resolve();
				};
			}),
		fetch: (...asked) => fetch(...asked),
		nowMs: () => Date.now(),
		askForAgent,
		isPrepared,
	};
}

/** WebUSB, where the browser has it. */
export function browserUsb(): USB | undefined {
	return "usb" in navigator ? navigator.usb : undefined;
}
