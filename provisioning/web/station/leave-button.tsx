import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

const DEADLINE_MS = 10_000;

/** Signs this browser out, where it had to be let in. Somebody's badge is another matter: it signs a person out, on every screen. */
export function LeaveButton() {
	const { t } = useTranslation();
	const [isLetIn, setLetIn] = useState(false);
	useEffect(() => {
		const asked = new AbortController();
		fetch("/api/session", { signal: AbortSignal.any([asked.signal, AbortSignal.timeout(DEADLINE_MS)]) })
			.then((answer) => answer.json())
			.then((answer: unknown) =>
				setLetIn(typeof answer === "object" && answer !== null && Reflect.get(answer, "entry") === "cookie"),
			)
			.catch(() => undefined); // the page says by itself when the station is silent
		return () => asked.abort();
	}, []);
	if (!isLetIn) return null;
	const leave = async () => {
		await fetch("/api/session", { method: "DELETE", signal: AbortSignal.timeout(DEADLINE_MS) }).catch(() => undefined);
		location.reload(); // nothing of the page stays: what comes now says that nobody is let in
	};
	return (
		<button type="button" onClick={() => void leave()}>
			{t("top.leave")}
		</button>
	);
}
