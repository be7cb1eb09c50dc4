import { within } from "../../../vouchers/within.ts";
import { pageAddress } from "../../frame/session.ts";

/** Somebody waits for the sign-out. Milliseconds. */
const DEADLINE_MS = 15_000;

/** Before somebody signs out: nothing of theirs stays in this browser but what the registry has yet to hear. */
export async function leaveDesk(): Promise<void> {
	const { openRoad } = await import("./open-road.ts");
	const road = await openRoad({ address: { ...pageAddress(), attempts: 1, deadlineMs: 4000 } });
	try {
		await within(DEADLINE_MS, road.clear(), () => new Error("the desk's storage does not answer"));
	} finally {
		await road.close();
	}
}
