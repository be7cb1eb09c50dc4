import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SessionView } from "../../registry/access/access-request.ts";
import type { Role } from "../../registry/access/role.ts";
import { sessionOr } from "./session.ts";
import { watchSession } from "./session-watch.ts";

interface SessionGateProps {
	/** Roles that may use the page; `admin` always may. The registry itself refuses all others, whatever the page shows. */
	readonly allow: readonly Role[];
	/** Who may go on where the registry does not answer, if anybody may. */
	readonly withoutNetwork?: () => Promise<SessionView | undefined>;
	readonly children: (session: SessionView) => ReactNode;
}

/** Shows its part to whoever may use it; says so to whoever may not; leaves for sign-in when nobody is signed in. */
export function SessionGate({ allow, withoutNetwork, children }: SessionGateProps) {
	const { t } = useTranslation("frame");
	const [session, setSession] = useState<SessionView>();
	const [isSilent, setSilent] = useState(false);
	useEffect(() => {
		sessionOr(withoutNetwork).then(setSession, () => setSilent(true));
	}, [withoutNetwork]);
	// A page that goes on without the registry must not be taken from under a phone when the registry comes back.
	const isWatched = session !== undefined && withoutNetwork === undefined;
	useEffect(() => (isWatched ? watchSession() : undefined), [isWatched]);
	if (!session) {
		return isSilent ? (
			<div role="alert" className="card grave">
				<p>{t("unreachable")}</p>
				<button type="button" className="main-button" onClick={() => location.reload()}>
					{t("reload")}
				</button>
			</div>
		) : (
			<p role="status">{t("loading")}</p>
		);
	}
	if (session.roles.some((role) => role === "admin" || allow.includes(role))) return children(session);
	return (
		<div role="alert" className="card wait">
			<h2>{t("not-yours.heading")}</h2>
			<p>{t("not-yours.text", { roles: ["admin" as const, ...allow].map((role) => t(`roles.${role}`)).join(", ") })}</p>
			<a className="button" href="/sign-in/">
				{t("not-yours.home")}
			</a>
		</div>
	);
}
