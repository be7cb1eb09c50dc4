import { statfs } from "node:fs/promises";

import { FaultError } from "../../handset/fault.ts";
import type { ShiftCheck } from "../journal/entry.ts";
import type { LabelPrinter } from "../labels/printer.ts";

/** Least room on the disk, in bytes: a batch's journal, vouchers and reports take some tens of megabytes. */
const LEAST_FREE_BYTES = 512 * 1024 * 1024;
/** How far this computer's clock may be from the registry's, in milliseconds: vouchers and evidence carry its time. */
const MOST_SKEW_MS = 5 * 60 * 1000;
const DEADLINE_MS = 5_000;

export interface ShiftCheckOptions {
	readonly folder: string;
	readonly registryUrl: string;
	/** Whether the registry answers; throws why not. */
	registryReady(): Promise<void>;
	/** Whether the adb server answers; throws why not. */
	adbServerReady(): Promise<void>;
	readonly printer?: LabelPrinter | undefined;
	readonly apk: { readonly packageName: string; readonly versionName: string; readonly sha256: string };
	/** Vouchers that are left: with them a registry that is away is no reason not to begin. */
	vouchersLeft(): number;
	nowMs(): number;
	/** Default: the platform's. */
	readonly fetch?: typeof fetch;
}

/** Looks at everything that a shift needs, all at once. Never throws: what cannot be looked at is not ok. */
export function runShiftChecks(options: ShiftCheckOptions): Promise<readonly ShiftCheck[]> {
	const { apk } = options;
	const file = `${apk.packageName} ${apk.versionName}, ${apk.sha256.slice(0, 12)}…`;
	return Promise.all([
		checkDisk(options),
		checkRegistry(options),
		checkClock(options),
		outcome(
			"adb-server",
			options.adbServerReady().then(() => "The adb server answers."),
		),
		checkPrinter(options),
		Promise.resolve<ShiftCheck>({ name: "apk", ok: true, detail: `The agent is ${file}` }),
	]);
}

async function checkDisk({ folder }: ShiftCheckOptions): Promise<ShiftCheck> {
	return outcome(
		"disk",
		statfs(folder).then(({ bavail, bsize }) => {
			const free = bavail * bsize;
			const text = `${(free / 1024 ** 3).toFixed(1)} GiB are free.`;
			if (free < LEAST_FREE_BYTES) throw new Error(`${text} Free some disk space on this computer.`);
			return text;
		}),
	);
}

async function checkRegistry({ registryReady, vouchersLeft }: ShiftCheckOptions): Promise<ShiftCheck> {
	const check = await outcome(
		"registry",
		registryReady().then(() => "The registry answers."),
	);
	const left = vouchersLeft();
	if (check.ok || left === 0) return check;
	return { name: "registry", ok: true, detail: `The registry does not answer; ${left} vouchers are left to work with.` };
}

async function checkClock({ registryUrl, nowMs, vouchersLeft, fetch: send = fetch }: ShiftCheckOptions): Promise<ShiftCheck> {
	const asked = send(`${registryUrl.replace(/\/+$/, "")}/healthz`, {
		redirect: "error",
		signal: AbortSignal.timeout(DEADLINE_MS),
	});
	const dated = asked.then(({ headers }) => Date.parse(headers.get("date") ?? ""));
	return outcome(
		"clock",
		dated
			.catch(() => Number.NaN)
			.then((theirs) => {
				if (Number.isNaN(theirs)) {
					if (vouchersLeft() > 0) return "Nobody is there to compare the clock with.";
					throw new Error("The registry does not tell the time, so the clock was not compared.");
				}
				const skew = Math.abs(theirs - nowMs());
				if (skew > MOST_SKEW_MS) {
					throw new Error(`This computer's clock is ${Math.round(skew / 60_000)} minutes off. Set it, then check again.`);
				}
				return "The clock is right.";
			}),
	);
}

async function checkPrinter({ printer }: ShiftCheckOptions): Promise<ShiftCheck> {
	if (!printer) return { name: "printer", ok: true, detail: "This station prints no labels." };
	const { ok, detail } = await printer.check();
	return { name: "printer", ok, detail };
}

async function outcome(name: ShiftCheck["name"], seen: Promise<string>): Promise<ShiftCheck> {
	try {
		return { name, ok: true, detail: await seen };
	} catch (error) {
		if (error instanceof FaultError) return { name, ok: false, detail: `${error.fault.meaning} ${error.fault.remedy}` };
		return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
	}
}
