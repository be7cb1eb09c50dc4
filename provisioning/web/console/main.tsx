import { SessionBadge } from "../frame/session-badge.tsx";
import { SessionGate } from "../frame/session-gate.tsx";
import { startPage } from "../frame/start-page.tsx";
import { Console } from "./console.tsx";
import { CONSOLE_WORDS } from "./words.ts";

void startPage({
	words: CONSOLE_WORDS,
	aside: <SessionBadge />,
	children: <SessionGate allow={["agent", "auditor"]}>{(session) => <Console session={session} />}</SessionGate>,
});
