import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SessionView } from "../../registry/access/access-request.ts";
import type { AccessClient } from "../../registry/clients/access-client.ts";
import { watchSession } from "../frame/session-watch.ts";
import { PasskeysCard } from "./passkeys-card.tsx";
import { type ProblemName, problemOf } from "./problem.ts";
import { ProblemAlert } from "./problem-alert.tsx";
import { SessionsCard } from "./sessions-card.tsx";

interface HomeProps {
	readonly client: AccessClient;
	readonly session: SessionView;
}

/** The pages that somebody's roles may use, their passkeys, and the way out. */
export function Home({ client, session }: HomeProps) {
	const { t, i18n } = useTranslation();
	const { t: frame } = useTranslation("frame");
	const id = useId();
	const heading = useRef<HTMLHeadingElement>(null);
	const [problem, setProblem] = useState<ProblemName>();
	useEffect(() => heading.current?.focus(), []);
	useEffect(() => watchSession(() => location.reload()), []);
	const leave = (everywhere: boolean) => {
		client.signOut({ everywhere }).then(
			() => location.reload(),
			(error: unknown) => setProblem(problemOf(error)),
		);
	};
	const { expiresAtUnixSeconds: until } = session;
	const clock = new Intl.DateTimeFormat(i18n.language, { timeStyle: "short" });
	return (
		<>
			{problem !== undefined && <ProblemAlert name={problem} />}
			<section className="card narrow" aria-labelledby={id}>
				<h2 id={id} ref={heading} tabIndex={-1}>
					{t("home.heading", { name: session.name ?? session.actor })}
				</h2>
				<p>
					{session.roles.map((role) => frame(`roles.${role}`)).join(", ")}
					{until !== undefined && <span className="muted"> · {t("home.until", { time: clock.format(until * 1000) })}</span>}
				</p>
				{session.pages.length === 0 ? (
					<p>{t("home.no-pages")}</p>
				) : (
					<ul className="page-list">
						{session.pages.map((page) => (
							<li key={page}>
								<a href={`/${page}/`}>{t(`pages.${page}.name`)}</a>
								<span className="muted">{t(`pages.${page}.text`)}</span>
							</li>
						))}
					</ul>
				)}
				<div className="row">
					<button type="button" onClick={() => leave(false)}>
						{frame("sign-out")}
					</button>
					<button type="button" onClick={() => leave(true)}>
						{t("home.everywhere")}
					</button>
				</div>
			</section>
			<PasskeysCard client={client} session={session} />
			<SessionsCard client={client} />
		</>
	);
}
