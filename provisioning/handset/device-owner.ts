import { classifyDpm } from "./dpm-faults.ts";
import type { HandsetFacts } from "./facts.ts";
import { FaultError, faultError } from "./fault.ts";
import type { FaultCode } from "./fault-codes.ts";
import { type Owner, ownerCommand, readOwnerAnswer } from "./owner-reading.ts";
import type { HandsetPort, ShellResult } from "./port.ts";
import { runSections, section } from "./sections.ts";
import { describeAccounts, readAccounts } from "./users.ts";

/** How the wait between two tries is done, and whom to tell. */
export interface Patience {
	pause(milliseconds: number): Promise<void>;
	/** One sentence for the operator before each wait. */
	note?(text: string): void;
}

/** As much of the facts as owners depend on: the API level decides which command tells them. */
export type OwnerFacts = { readonly build: Pick<HandsetFacts["build"], "sdk"> };

/**
 * Refusals that pass by themselves: how often to try again, and how long to wait before. The phone's account cache takes about
 * ten seconds to notice a sign-out; the rollback of a failed try five to ten.
 */
const RETRIES: Partial<Record<FaultCode, { readonly times: number; readonly waitMs: number; readonly why: string }>> = {
	DPM_ACCOUNTS_PRESENT: { times: 3, waitMs: 10_000, why: "The phone still remembers an account that is gone" },
	DPM_REFUSED_SILENTLY: { times: 2, waitMs: 5_000, why: "The phone refused without a reason" },
	DPM_USER_NOT_RUNNING: { times: 6, waitMs: 5_000, why: "Unlock the phone's screen" },
	DPM_UNKNOWN_ADMIN: { times: 2, waitMs: 2_000, why: "The phone has not registered the agent yet" },
	DPM_NOT_ACTIVE: { times: 1, waitMs: 2_000, why: "The phone has not registered the agent yet" },
	DPM_ADMIN_REMOVING: { times: 3, waitMs: 5_000, why: "The phone is still taking back an earlier try" },
	DPM_SERVICE_DOWN: { times: 6, waitMs: 5_000, why: "The phone's management service is starting" },
};

const COMPONENT = /^[A-Za-z][\w.]*\/[\w.$]+$/;
/** `dpm` on a slow phone right after a start. */
const DEADLINE_MS = 30_000;

/**
 * Reads the device owner; `undefined` if there is none.
 *
 * @throws {FaultError} the link's; what keeps the phone from telling (DPM_SERVICE_DOWN, DPM_USAGE, ADB_FOYER, UNCLASSIFIED).
 */
export async function readOwner(port: HandsetPort, facts: OwnerFacts): Promise<Owner | undefined> {
	const reading = readOwnerAnswer(await port.shell(ownerCommand(facts.build.sdk), { deadlineMs: DEADLINE_MS }));
	if (reading.fault) throw new FaultError(reading.fault);
	return reading.deviceOwner;
}

/**
 * Makes a component device owner. Refusals that pass by themselves are tried again, a bounded number of times. What the
 * phone says is never the proof: the owner is read back after every try, and only that decides, both ways.
 *
 * @param component `package/.Receiver`, ours.
 * @throws {FaultError} the link's, and the DPM_* fault of the last try; DPM_OWNER_EXISTS if somebody else owns the phone.
 */
export async function setOwner(
	port: HandsetPort,
	component: string,
	facts: OwnerFacts,
	{ pause, note }: Patience,
): Promise<void> {
	if (!COMPONENT.test(component)) throw new Error(`not a component: ${component}`);
	const tries = new Map<FaultCode, number>();
	while (true) {
		const { result, owner } = await tryOwner(port, component, facts);
		const said = classifyDpm(result);
		if (owner !== "unreadable" && owner?.component === component) return;
		const extra = {
			raw: `${result.stdout}\n${result.stderr}`,
			details: { "exit code": String(result.exitCode) },
		};
		if (owner !== "unreadable" && owner)
			throw faultError("DPM_OWNER_EXISTS", {
				...extra,
				details: { owner: owner.component },
			});
		// It said Success and it is not so.
		const code = said ?? "DPM_NOT_ACTIVE";
		const retry = RETRIES[code];
		const tried = tries.get(code) ?? 0;
		if (!retry || tried >= retry.times) throw faultError(code, extra);
		if (code === "DPM_ACCOUNTS_PRESENT" || code === "DPM_REFUSED_SILENTLY") await requireNoAccounts(port, extra.raw);
		tries.set(code, tried + 1);
		note?.(`${retry.why}; trying again in ${retry.waitMs / 1000} s (${tried + 1} of ${retry.times}).`);
		await pause(retry.waitMs);
	}
}

/**
 * One try, and the owner read back in the same round trip. While the service restarts the owner cannot be read either; that must not
 * hide why the try failed.
 */
async function tryOwner(
	port: HandsetPort,
	component: string,
	facts: OwnerFacts,
): Promise<{ readonly result: ShellResult; readonly owner: Owner | undefined | "unreadable" }> {
	const script = `s set dpm set-device-owner '${component}'\ns owner ${ownerCommand(facts.build.sdk).join(" ")}\nexit 0\n`;
	const sections = await runSections(port, script, 2 * DEADLINE_MS);
	const reading = readOwnerAnswer(section(sections, "owner"));
	return { result: section(sections, "set"), owner: reading.fault ? "unreadable" : reading.deviceOwner };
}

/** An account that is really there does not go away by waiting. From Android 14 on any user's account counts. */
async function requireNoAccounts(port: HandsetPort, raw: string): Promise<void> {
	const { stdout } = await port.shell(["dumpsys", "account"], { deadlineMs: DEADLINE_MS });
	const signedIn = describeAccounts(readAccounts(stdout));
	if (signedIn !== undefined) throw faultError("DPM_ACCOUNTS_PRESENT", { raw, details: { accounts: signedIn } });
}
