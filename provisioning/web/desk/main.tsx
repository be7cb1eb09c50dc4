import { SessionBadge } from "../frame/session-badge.tsx";
import { SessionGate } from "../frame/session-gate.tsx";
import { startPage } from "../frame/start-page.tsx";
import { Desk } from "./desk.tsx";
import { OneTab } from "./one-tab.tsx";
import { DESK_WORDS } from "./words.ts";

void startPage({
	words: DESK_WORDS,
	aside: <SessionBadge />,
	children: (
		<SessionGate allow={["operator"]}>
			{(session) => (
				<OneTab>
					<Desk operator={session.name ?? session.actor} />
				</OneTab>
			)}
		</SessionGate>
	),
});
