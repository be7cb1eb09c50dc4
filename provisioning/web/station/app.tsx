import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

import type { CommandAnswer, StationCommand } from "../../station/command.ts";
import type { Signal } from "../../station/view.ts";
import { speak } from "../frame/translation.ts";
import { Banners } from "./banners.tsx";
import { BatchEnd } from "./batch-end.tsx";
import { UNREACHABLE } from "./commander.ts";
import { Dashboard } from "./dashboard.tsx";
import { Dialogs } from "./dialogs.tsx";
import type { Following } from "./follow-station.ts";
import { InstructionBar } from "./instruction-bar.tsx";
import { listenForScans } from "./listen-for-scans.ts";
import { type OpenDialog, type Page, PageProvider } from "./page-context.ts";
import { keepPreferences, type Preferences } from "./preferences.ts";
import { SignalToast, type Toast } from "./signal-toast.tsx";
import { isUnderWay } from "./slot-acts.ts";
import { SlotsView } from "./slots-view.tsx";
import type { Sounds } from "./sounds.ts";
import { TopBar, type ViewName } from "./top-bar.tsx";
import { STATION_WORDS } from "./words.ts";

interface AppProps {
	readonly following: Following;
	readonly perform: (command: StationCommand) => Promise<CommandAnswer>;
	readonly sounds: Sounds;
	readonly preferences: Preferences;
}

/** The whole page. */
export function App({ following, perform, sounds, preferences: first }: AppProps) {
	const { t, i18n } = useTranslation();
	const state = useSyncExternalStore(following.onChange, following.state);
	const [preferences, setPreferences] = useState(first);
	const [shown, setShown] = useState<ViewName>("slots");
	const [dialog, setDialog] = useState<OpenDialog>();
	const [toast, setToast] = useState<Toast>();
	const [isSounding, setSounding] = useState(false);
	const takers = useRef<((text: string) => void)[]>([]);
	const closeToast = useCallback(() => setToast(undefined), []);
	const { view } = state;

	useEffect(() => {
		keepPreferences(preferences);
		document.documentElement.dataset.theme = preferences.theme;
		void speak(i18n, STATION_WORDS, preferences.language);
	}, [preferences, i18n]);

	const ask = useCallback(
		async (command: StationCommand) => {
			const answer = await perform(command);
			if (!answer.ok) {
				const isLost = answer.code === UNREACHABLE;
				setToast({
					kind: "refused",
					code: answer.code,
					text: isLost ? t("refused.unreachable") : answer.text,
					remedy: isLost ? t("refused.unreachableRemedy") : answer.remedy,
				});
			}
			return answer;
		},
		[perform, t],
	);

	useEffect(
		() =>
			listenForScans(window, (text) => {
				const taker = takers.current.at(-1);
				if (taker) taker(text);
				else void ask({ type: "scan", text: text.slice(0, 200) });
			}),
		[ask],
	);

	useEffect(() => {
		const start = () => {
			sounds.start();
			setSounding(true);
		};
		const gestures = ["pointerdown", "keydown", "click"];
		for (const gesture of gestures) window.addEventListener(gesture, start, { once: true });
		return () => {
			for (const gesture of gestures) window.removeEventListener(gesture, start);
		};
	}, [sounds]);

	useSignal(view?.signal, view !== undefined, (signal) => {
		if (!preferences.isMuted) sounds.play(signal.kind);
		setToast({ ...signal });
	});

	const isBusy = view?.slots.some(isUnderWay) ?? false;
	useEffect(() => {
		if (!isBusy) return;
		const ask = (event: BeforeUnloadEvent) => event.preventDefault();
		window.addEventListener("beforeunload", ask);
		return () => window.removeEventListener("beforeunload", ask);
	}, [isBusy]);

	const page = useMemo<Page | undefined>(
		() =>
			view && {
				following,
				view,
				perform: ask,
				open: setDialog,
				takeScans(taker) {
					takers.current.push(taker);
					return () => {
						takers.current = takers.current.filter((each) => each !== taker);
					};
				},
			},
		[following, view, ask],
	);

	if (!page) return <FirstScreen isLost={state.link === "lost"} />;
	return (
		<PageProvider value={page}>
			<div className="page" data-link={state.link}>
				<TopBar preferences={preferences} onPreferences={setPreferences} shown={shown} onShow={setShown} />
				<section aria-label={t("banner.region")}>
					<Banners link={state.link} isSounding={isSounding || preferences.isMuted} />
					<InstructionBar />
				</section>
				<main className="main" id="main">
					{shown === "slots" && <SlotsView flash={toast} />}
					{shown === "dashboard" && <Dashboard />}
					{shown === "batch" && <BatchEnd />}
				</main>
				<SignalToast toast={toast} onClose={closeToast} />
				{dialog && <Dialogs dialog={dialog} onClose={() => setDialog(undefined)} />}
			</div>
		</PageProvider>
	);
}

function FirstScreen({ isLost }: { readonly isLost: boolean }) {
	const { t } = useTranslation();
	return (
		<main className="first" aria-live="polite">
			<h1>{t("app.title")}</h1>
			<p>{isLost ? t("link.none") : t("link.first")}</p>
		</main>
	);
}

/** Calls back once for each new signal. What was there before the page came is not news. */
function useSignal(signal: Signal | undefined, isKnown: boolean, onSignal: (signal: Signal) => void): void {
	const last = useRef<number>(undefined);
	const call = useRef(onSignal);
	call.current = onSignal;
	useEffect(() => {
		if (!isKnown) return;
		const id = signal?.id ?? 0;
		const before = last.current;
		last.current = id;
		if (signal && before !== undefined && before !== id) call.current(signal);
	}, [signal, isKnown]);
}
