import type { SessionView } from "../../../registry/access/access-request.ts";
import { type DeskDatabase, openDeskDatabase } from "./desk-database.ts";

/**
 * Who may go on when the registry cannot say who is signed in: whoever made this browser ready, for as long as a voucher or a receipt
 * lies here. It opens what was prepared and nothing else: no question to the registry is answered by it, and signing out deletes it.
 * Never rejects.
 */
export async function keptSession(): Promise<SessionView | undefined> {
	return reading(async (database) => {
		const [vouchers, receipts] = await Promise.all([database.all("vouchers"), database.all("receipts")]);
		if (vouchers.length === 0 && receipts.length === 0) return undefined;
		const kept = await database.get("notes", "session");
		return kept?.key === "session" ? kept.session : undefined;
	});
}

/** The vouchers of this browser as they were kept, without opening anything that is needed to use them. Never rejects. */
export async function keptVouchers() {
	return (await reading((database) => database.all("vouchers")))?.map(({ voucher }) => voucher) ?? [];
}

/** Whether the agent lies here: without it a voucher is of no use. Never rejects. */
export async function isAgentKept(): Promise<boolean> {
	return (await reading((database) => database.get("notes", "agent"))) !== undefined;
}

async function reading<Value>(read: (database: DeskDatabase) => Promise<Value>): Promise<Value | undefined> {
	try {
		const database = await openDeskDatabase();
		try {
			return await read(database);
		} finally {
			database.close();
		}
	} catch {
		return undefined; // a browser that keeps nothing has nothing prepared
	}
}
