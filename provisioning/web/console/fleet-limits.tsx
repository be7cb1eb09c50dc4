import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { FleetSettings } from "../../registry/fleet/fleet-request.ts";
import { ActForm } from "./act-form.tsx";
import { Field } from "./form-parts.tsx";
import { useServer } from "./server.ts";

/** Each limit with what the registry takes. */
const LIMITS = {
	locksPerHourPermille: [1, 1000],
	locksPerDayPermille: [1, 1000],
	leastLocksPerHour: [1, 100],
	leastLocksPerDay: [1, 500],
	feedStaleAfterHours: [0, 720],
} as const satisfies Readonly<Record<keyof FleetSettings, readonly [number, number]>>;
const NAMES = [
	"locksPerHourPermille",
	"locksPerDayPermille",
	"leastLocksPerHour",
	"leastLocksPerDay",
	"feedStaleAfterHours",
] as const;

interface FleetLimitsProps {
	readonly settings: FleetSettings;
	readonly onDone: () => void;
}

/** How many phones may be locked before a second person is asked. More than now takes one. */
export function FleetLimits({ settings, onDone }: FleetLimitsProps) {
	const { t } = useTranslation();
	const { console: registry } = useServer();
	const [typed, setTyped] = useState<Partial<Record<keyof FleetSettings, string>>>({});
	const wrong = NAMES.find((name) => {
		const text = typed[name];
		const [least, most] = LIMITS[name];
		return text !== undefined && (!/^\d{1,4}$/.test(text.trim()) || Number(text) < least || Number(text) > most);
	});
	const change = Object.fromEntries(
		NAMES.flatMap((name) => {
			const text = typed[name];
			return text === undefined || Number(text) === settings[name] ? [] : [[name, Number(text)]];
		}),
	);
	return (
		<details className="card">
			<summary>
				<h3>{t("limits.heading")}</h3>
			</summary>
			<ActForm
				onDone={() => {
					setTyped({});
					onDone();
				}}
				sendText={t("limits.send")}
				whyNot={wrong ? t("limits.wrong") : Object.keys(change).length === 0 ? t("limits.same") : undefined}
				anotherText={t("limits.another")}
				second={() => ({ kind: "fleet.settings", subject: "fleet", request: change })}
				onSend={() => registry.changeFleetSettings(change)}
				done={() => (
					<p>
						<strong>{t("limits.done")}</strong>
					</p>
				)}
			>
				<p>{t("limits.what")}</p>
				{NAMES.map((name) => (
					<Field
						key={name}
						label={t(`limits.${name}`)}
						hint={t("limits.range", { least: LIMITS[name][0], most: LIMITS[name][1] })}
					>
						{(field) => (
							<input
								{...field}
								inputMode="numeric"
								maxLength={4}
								value={typed[name] ?? String(settings[name])}
								onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
							/>
						)}
					</Field>
				))}
			</ActForm>
		</details>
	);
}
