import { FaultError, faultError } from "../../handset/fault.ts";
import type { HandsetPort } from "../../handset/port.ts";

/** The same tag each time: a second "Identify" replaces what the first one showed. */
const TAG = "holdfast-slot";
const DEADLINE_MS = 8_000;
/** A key press is answered at once, or never. */
const WAKE_DEADLINE_MS = 3_000;

export interface IdentifyOptions {
	/** Number on the sticker. */
	readonly slot: number;
	/** For showing the number. Default 8,000: the phone itself may look for 1.5 s whether the message stands. */
	readonly deadlineMs?: number;
	readonly signal?: AbortSignal;
}

/** What the phone does so that a person finds it. */
export interface Identified {
	/** Whether the phone let us switch its screen on. If not, the number stands on it when a person does. */
	readonly screenWoken: boolean;
}

/**
 * Lets a phone show its slot number, without anything of ours on it: a notification of the shell's own. That asks for no permission
 * that Xiaomi guards; Android 10 and later know the command (AOSP `NotificationShellCmd`, for the shell and root alone). Its exit code
 * is 0 even for an error, so its words decide: with `-v` it looks for the message itself and says `posted:`. There is no command to take
 * the message back: it stays until a swipe or a restart.
 *
 * Switching the screen on needs INJECT_EVENTS, which Xiaomi refuses while "USB debugging (Security settings)" is off; it is tried.
 *
 * @param port one of its own: a phone that answers too late loses the link that it was asked over.
 * @throws {FaultError} SLOT_NOT_SHOWN, and the port's own: USB_LOST, LINK_STALLED, CANCELLED.
 */
export async function identify(
	port: HandsetPort,
	{ slot, deadlineMs = DEADLINE_MS, signal }: IdentifyOptions,
): Promise<Identified> {
	const call = { deadlineMs, ...(signal === undefined ? {} : { signal }) };
	const title = `Slot ${slot}`;
	const posted = await port.shell(["cmd", "notification", "post", "-v", "-t", title, TAG, `This phone is in slot ${slot}`], call);
	const said = posted.stdout + posted.stderr;
	if (posted.exitCode !== 0 || !/^posted:/m.test(said))
		throw faultError("SLOT_NOT_SHOWN", { raw: said, details: { slot: String(slot) } });
	return { screenWoken: await wake(port, { ...call, deadlineMs: Math.min(deadlineMs, WAKE_DEADLINE_MS) }) };
}

async function wake(port: HandsetPort, call: { deadlineMs: number; signal?: AbortSignal }): Promise<boolean> {
	try {
		const { stdout, stderr, exitCode } = await port.shell(["input", "keyevent", "KEYCODE_WAKEUP"], call);
		// Older ones print the exception and end with 0.
		return exitCode === 0 && !/exception|permission/i.test(stdout + stderr);
	} catch (error) {
		// The number is shown already: a link that is lost now is told by whoever needs it next.
		if (error instanceof FaultError) return false;
		throw error;
	}
}
