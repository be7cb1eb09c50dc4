import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

const LOCK = "holdfast-desk";

/** Shows its part in one tab of this browser: two would take the phone from each other. The next tab's turn comes by itself. */
export function OneTab({ children }: { readonly children: ReactNode }) {
	const { t } = useTranslation();
	const [isMine, setMine] = useState<boolean>();
	useEffect(() => {
		if (!("locks" in navigator)) {
			setMine(true); // not a secure context: the first card says so
			return;
		}
		let release = () => {};
		const held = new Promise<void>((resolve) => {
			release = resolve;
		});
		const leave = new AbortController();
		const waiting = setTimeout(() => setMine((now) => now ?? false), 300);
		navigator.locks
			.request(LOCK, { signal: leave.signal }, async () => {
				setMine(true);
				await held;
			})
			.catch(() => {}); // left before its turn came
		return () => {
			clearTimeout(waiting);
			leave.abort();
			release();
		};
	}, []);
	if (isMine === undefined) return null;
	if (isMine) return children;
	return (
		<div role="alert" className="card wait">
			<h2>{t("tab.heading")}</h2>
			<p>{t("tab.text")}</p>
		</div>
	);
}
