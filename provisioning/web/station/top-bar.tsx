import { useTranslation } from "react-i18next";

import { LookChooser } from "../frame/look-chooser.tsx";
import { LeaveButton } from "./leave-button.tsx";
import { usePage, useStationNow } from "./page-context.ts";
import type { Preferences } from "./preferences.ts";
import { Icon } from "./word-icon.tsx";

const VIEWS = ["slots", "dashboard", "batch"] as const;
export type ViewName = (typeof VIEWS)[number];

interface TopBarProps {
	readonly preferences: Preferences;
	readonly onPreferences: (preferences: Preferences) => void;
	readonly shown: ViewName;
	readonly onShow: (view: ViewName) => void;
}

/** Where we are, who works, and whether everything that the station leans on is there. */
export function TopBar({ preferences, onPreferences, shown, onShow }: TopBarProps) {
	const { t } = useTranslation();
	const { view, perform } = usePage();
	const { figures } = view.batch;
	return (
		<header className="top">
			<div className="top-name">
				<h1>{view.station}</h1>
				<span className="muted">{t("top.batch", { batch: view.batch.id })}</span>
			</div>
			<div className="top-progress">
				<strong>
					{figures.pass}
					<span className="muted"> / {figures.expected}</span>
				</strong>
				<progress value={figures.pass} max={Math.max(1, figures.expected)} aria-label={t("top.progress")} />
			</div>
			<nav aria-label={t("top.views")} className="top-views">
				{VIEWS.map((name) => (
					<button key={name} type="button" aria-current={shown === name ? "page" : undefined} onClick={() => onShow(name)}>
						{t(`views.${name}`)}
					</button>
				))}
			</nav>
			<Supplies />
			<div className="top-end">
				<StationClock language={preferences.language} />
				{view.shift && (
					<button type="button" onClick={() => void perform({ type: "sign-out" })}>
						{t("top.signOut", { operator: view.shift.operator })}
					</button>
				)}
				<button
					type="button"
					className="icon-button"
					aria-pressed={preferences.isMuted}
					aria-label={t("top.mute")}
					title={t("top.mute")}
					onClick={() => onPreferences({ ...preferences, isMuted: !preferences.isMuted })}
				>
					<Icon name={preferences.isMuted ? "muted" : "sound"} />
				</button>
				<LeaveButton />
				<LookChooser look={preferences} onLook={(look) => onPreferences({ ...preferences, ...look })} />
			</div>
		</header>
	);
}

/** What the station leans on. Each says in words what its colour says. */
function Supplies() {
	const { t } = useTranslation();
	const { view } = usePage();
	const { registry, webhooks } = view;
	const rows = [
		{ name: t("supply.adb"), value: t(`supply.${view.adbServer}`), isBad: view.adbServer === "down" },
		{ name: t("supply.registry"), value: t(`supply.${registry.state}`), isBad: registry.state === "down" },
		{
			name: t("supply.vouchers"),
			value: `${registry.vouchers.left} / ${registry.vouchers.of}`,
			isBad: registry.state === "down" && registry.vouchers.left === 0,
		},
		{ name: t("supply.queue"), value: String(registry.queuedReceipts + webhooks.waiting), isBad: webhooks.failed > 0 },
	];
	return (
		<dl className="supplies">
			{rows.map(({ name, value, isBad }) => (
				<div key={name} className={isBad ? "supply bad" : "supply"}>
					<dt>{name}</dt>
					<dd>
						{isBad && <Icon name="error" />} {value}
					</dd>
				</div>
			))}
		</dl>
	);
}

function StationClock({ language }: { readonly language: string }) {
	const now = useStationNow();
	const text = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(now);
	return <time className="clock">{text}</time>;
}
