import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { SessionView } from "../../registry/access/access-request.ts";
import { sessionOr, signOut } from "./session.ts";

interface SessionBadgeProps {
	/** As for the gate. */
	readonly withoutNetwork?: () => Promise<SessionView | undefined>;
	/** Deletes what the page keeps for this person. Waited for before the session ends, whether that then works or not. */
	readonly leaving?: () => Promise<void>;
}

/** Who is signed in, their roles, and the way out. Put it into the page's `aside`. Leaves for sign-in when nobody is. */
export function SessionBadge({ withoutNetwork, leaving }: SessionBadgeProps) {
	const { t } = useTranslation("frame");
	const [session, setSession] = useState<SessionView>();
	const [isSilent, setSilent] = useState(false);
	useEffect(() => {
		sessionOr(withoutNetwork).then(setSession, () => setSilent(true));
	}, [withoutNetwork]);
	const leave = async () => {
		await leaving?.();
		await signOut();
	};
	if (!session) return isSilent ? <span role="alert">{t("silent")}</span> : null;
	return (
		<div className="session-badge">
			<span className="session-who">
				<span className="hidden">{t("signed-in-as")}</span>
				<strong>{session.name ?? session.actor}</strong>
				<span className="muted">{session.roles.map((role) => t(`roles.${role}`)).join(", ")}</span>
			</span>
			<button type="button" onClick={() => void leave().catch(() => setSilent(true))}>
				{t("sign-out")}
			</button>
			{isSilent && <span role="alert">{t("silent")}</span>}
		</div>
	);
}
