import { OneTab } from "../desk/one-tab.tsx";
import { SessionBadge } from "../frame/session-badge.tsx";
import { SessionGate } from "../frame/session-gate.tsx";
import { startPage } from "../frame/start-page.tsx";
import { Technician } from "./technician.tsx";
import { TECHNICIAN_WORDS } from "./words.ts";

void startPage({
	words: TECHNICIAN_WORDS,
	aside: <SessionBadge />,
	children: (
		<SessionGate allow={["technician", "agent"]}>
			{(session) => (
				<OneTab>
					<Technician actor={session.actor} mayApprove={session.roles.some((role) => role === "admin" || role === "agent")} />
				</OneTab>
			)}
		</SessionGate>
	),
});
