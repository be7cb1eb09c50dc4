import type { BuyerClient } from "../../registry/clients/buyer-client.ts";
import { startPage } from "../frame/start-page.tsx";
import { App } from "./app.tsx";
import { CHECK_WORDS } from "./words.ts";

/** A slow network: two attempts within this each. */
const DEADLINE_MS = 20_000;

async function openClient(): Promise<BuyerClient> {
	const { createBuyerClient } = await import("../../registry/clients/buyer-client.ts");
	return createBuyerClient({ url: location.origin, deadlineMs: DEADLINE_MS, attempts: 2 });
}

// The schemas that answers are checked by are half as large as the page: they come while a number is typed.
void openClient().catch(() => {}); // tried again, and said, when somebody asks

void startPage({ words: CHECK_WORDS, children: <App openClient={openClient} /> });
