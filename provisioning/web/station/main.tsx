import { createRoot } from "react-dom/client";
import { I18nextProvider } from "react-i18next";
import { startTranslation } from "../frame/translation.ts";
import { App } from "./app.tsx";
import { createCommander } from "./commander.ts";
import { followStation } from "./follow-station.ts";
import { readPreferences } from "./preferences.ts";
import { createSounds } from "./sounds.ts";
import { STATION_WORDS } from "./words.ts";

const DEADLINE_MS = 40_000;

async function start(): Promise<void> {
	const preferences = readPreferences();
	const words = await startTranslation(STATION_WORDS, preferences.language);
	const perform = createCommander({
		send: (key, body) =>
			fetch("/api/commands", {
				method: "POST",
				headers: { "content-type": "application/json", "idempotency-key": key },
				body,
				signal: AbortSignal.timeout(DEADLINE_MS),
			}),
		newKey: () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
		nowMs: () => performance.now(),
		pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
	});
	const following = followStation("/api/events");
	const sounds = createSounds(() => new AudioContext());
	const root = document.getElementById("page");
	if (!root) throw new Error("the page has no place to stand");
	createRoot(root).render(
		<I18nextProvider i18n={words}>
			<App following={following} perform={perform} sounds={sounds} preferences={preferences} />
		</I18nextProvider>,
	);
}

void start();
