import type { BorrowerClient } from "../../registry/clients/borrower-client.ts";
import { startPage } from "../frame/start-page.tsx";
import { App } from "./app.tsx";
import { contractIn } from "./contract-in-address.ts";
import { BORROWER_WORDS } from "./words.ts";

/** A slow network: two attempts within this each. */
const DEADLINE_MS = 20_000;

async function openClient(): Promise<BorrowerClient> {
	const { createBorrowerClient } = await import("../../registry/clients/borrower-client.ts");
	return createBorrowerClient({ url: location.origin, deadlineMs: DEADLINE_MS, attempts: 2 });
}

// The schemas that answers are checked by are half as large as the page: they come while the code is typed.
void openClient().catch(() => {}); // tried again, and said, when somebody signs in

void startPage({ words: BORROWER_WORDS, children: <App firstContract={contractIn(location.hash)} openClient={openClient} /> });
