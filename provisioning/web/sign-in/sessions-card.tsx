import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OwnSession } from "../../registry/access/access-request.ts";
import type { AccessClient } from "../../registry/clients/access-client.ts";
import { type ProblemName, problemOf } from "./problem.ts";
import { ProblemAlert } from "./problem-alert.tsx";

interface SessionsCardProps {
	readonly client: AccessClient;
}

/** Where somebody is signed in besides here: one that they do not know can be ended alone. */
export function SessionsCard({ client }: SessionsCardProps) {
	const { t, i18n } = useTranslation();
	const id = useId();
	const [sessions, setSessions] = useState<readonly OwnSession[]>();
	const [problem, setProblem] = useState<ProblemName>();
	const [isEnded, setEnded] = useState(false);
	useEffect(() => {
		client.listSessions().then(setSessions, (error: unknown) => setProblem(problemOf(error)));
	}, [client]);
	const end = async (sessionId: string) => {
		setProblem(undefined);
		setEnded(false);
		try {
			await client.endSession(sessionId);
			setSessions(await client.listSessions());
			setEnded(true);
		} catch (error) {
			setProblem(problemOf(error));
		}
	};
	const when = (seconds: number) =>
		new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" }).format(seconds * 1000);
	return (
		<section className="card narrow" aria-labelledby={id}>
			<h2 id={id}>{t("sessions.heading")}</h2>
			<p>{t("sessions.text")}</p>
			{problem !== undefined && <ProblemAlert name={problem} />}
			{sessions && (
				<ul className="session-list">
					{sessions.map(({ sessionId, isThis, signedInAtUnixSeconds, lastSeenAtUnixSeconds }) => (
						<li key={sessionId}>
							<span>
								<strong>{t(isThis ? "sessions.this" : "sessions.other")}</strong>
								<br />
								<span className="muted">
									{t("sessions.since", { time: when(signedInAtUnixSeconds) })} ·{" "}
									{t("sessions.seen", { time: when(lastSeenAtUnixSeconds) })}
								</span>
							</span>
							{!isThis && (
								<button type="button" onClick={() => void end(sessionId)}>
									{t("sessions.end")}
									<span className="hidden"> {t("sessions.since", { time: when(signedInAtUnixSeconds) })}</span>
								</button>
							)}
						</li>
					))}
				</ul>
			)}
			<p role="status" className="muted">
				{isEnded ? t("sessions.ended") : ""}
			</p>
		</section>
	);
}
