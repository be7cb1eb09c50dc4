import { SessionBadge } from "../frame/session-badge.tsx";
import { SessionGate } from "../frame/session-gate.tsx";
import { startPage } from "../frame/start-page.tsx";
import { Desk } from "./desk.tsx";
import { keptSession } from "./offline/kept-session.ts";
import { leaveDesk } from "./offline/leave-desk.ts";
import { keepPage } from "./offline/page-worker.ts";
import { OneTab } from "./one-tab.tsx";
import { DESK_WORDS } from "./words.ts";

void startPage({
	words: DESK_WORDS,
	aside: <SessionBadge withoutNetwork={keptSession} leaving={leaveDesk} />,
	children: (
		<SessionGate allow={["operator"]} withoutNetwork={keptSession}>
			{(session) => (
				<OneTab>
					<Desk session={session} />
				</OneTab>
			)}
		</SessionGate>
	),
});
keepPage();
