import { CABLE_PROVIDER, type CableFailure, cableFailureIn, MAX_CABLE_ARGUMENT } from "../../proto/android-agent.ts";
import { wire } from "../../proto/wire.ts";
import { request } from "../handset/agent-channel.ts";
import { property, readProps } from "../handset/build-facts.ts";
import { FaultError, faultError } from "../handset/fault.ts";
import {
	type AnsweredQuestion,
	answerQuestions,
	type ProviderOutcome,
	type ReadingOutcome,
	type Timing,
} from "../handset/hardware-answers.ts";
import { keptLines, READINGS, type Reading } from "../handset/hardware-readings.ts";
import { readImeis } from "../handset/imei.ts";
import { plainLine } from "../handset/plain-text.ts";
import type { CallOptions } from "../handset/port.ts";
import { type Scrubber, scrubber } from "../handset/scrub.ts";
import type { Surroundings } from "./surroundings.ts";

/** A report of one phone, to be sent back. Plain JSON. */
export interface HardwareReport {
	readonly schema: 1;
	readonly kind: "holdfast hardware report";
	/** For whoever is asked to send it: what is in it, and what is not. */
	readonly contents: readonly string[];
	readonly madeAt: string;
	readonly tool: string;
	/** Whether identifiers stand in it as they are. */
	readonly identifiers: "replaced by salted digests" | "in clear";
	/** Serial number and IMEIs: tokens, or in clear. */
	readonly phone: { readonly serial: string; readonly imeis: readonly string[] };
	readonly adbFeatures: readonly string[];
	/** False: the phone left in the middle. */
	readonly complete: boolean;
	readonly checklist: readonly AnsweredQuestion[];
	readonly provider: ProviderOutcome;
	readonly readings: readonly ReadingOutcome[];
}

/** What a report is made with. */
export interface ReportRequest extends Surroundings {
	readonly tool: string;
	/** Serial number, IMEIs and whatever looks like them stand in the report as they are. */
	readonly withIdentifiers: boolean;
	/** Secret of the station: the same phone gives the same token in each of its reports. */
	readonly salt: Uint8Array;
	/** Ends the whole. */
	readonly signal: AbortSignal;
	/** A signal that ends one command after so many milliseconds. The link stays, unlike with a port's own deadline. */
	within(milliseconds: number): AbortSignal;
	/** Called before each command with how far it is, 0 to 1. */
	onReading?(fraction: number): void;
}

/** One command. `dumpsys` gives up on a service after 10 s by itself. */
const READING_MS = 12_000;
const CALL_MS = 20_000;
/** For `true`, after a command that did not end: a phone that is merely busy has this much time left. */
const ALIVE_MS = 5_000;
/** Calls of the provider for each timing. */
const TIMES = 15;
/** The port's own deadline, behind {@link ReportRequest.within}: only for a phone that does not even end a command. */
const LINK_MS = 60_000;

const CONTENTS = [
	"Build, model and versions of the phone; its page size and security features; the agent's package, owner, restrictions, alarm, job and app-ops; how fast the agent answers.",
	"Log lines of the agent alone, and of crashes of the agent alone.",
	"Not in it: apps, accounts (only how many of which type), contacts, messages, places, names of people or networks.",
] as const;
const CONTENTS_OF_IDENTIFIERS = {
	clear: "In clear, because it was asked for: serial number, IMEIs, and whatever else stood in the lines.",
	digests:
		"Serial number, IMEIs, and whatever looks like a number of a phone, a SIM or a person, are replaced by <kind:digest>. The salt of the digests stays on the computer that made this.",
} as const;

/**
 * Collects what a command can tell of the hardware checklist. Changes nothing on the phone. What fails is part of the report: this only
 * throws when it is cancelled.
 */
export async function makeHardwareReport(request: ReportRequest): Promise<HardwareReport> {
	const { port, crypto, clock, withIdentifiers } = request;
	const scrub = scrubber(crypto, request.salt);
	const context: Visit = { ...request, gone: false };
	port.gone.then(() => {
		context.gone = true;
	});
	const names = await identifiers(context, scrub);
	const readings: ReadingOutcome[] = [];
	for (const [index, reading] of READINGS.entries()) {
		if (request.signal.aborted) throw faultError("CANCELLED");
		request.onReading?.(index / (READINGS.length + 1));
		readings.push(context.gone ? notTried(reading) : await read(context, reading));
	}
	request.onReading?.(READINGS.length / (READINGS.length + 1));
	const provider = context.gone
		? { problem: "the phone left before it was asked" }
		: await askProvider(context, scrub, names.imeis);
	const report: HardwareReport = {
		schema: 1,
		kind: "holdfast hardware report",
		contents: [...CONTENTS, withIdentifiers ? CONTENTS_OF_IDENTIFIERS.clear : CONTENTS_OF_IDENTIFIERS.digests],
		madeAt: new Date(clock.nowMs()).toISOString(),
		tool: request.tool,
		identifiers: withIdentifiers ? "in clear" : "replaced by salted digests",
		phone: { serial: names.serial, imeis: names.imeis },
		adbFeatures: [...(port.features ?? [])].sort(),
		complete: !context.gone,
		checklist: answerQuestions({ readings, provider }),
		provider,
		readings,
	};
	return withIdentifiers ? report : scrub.clean(report);
}

/** A report under way. */
type Visit = ReportRequest & { gone: boolean };

/** What names this phone, so that the scrubber knows it before anything else is read. */
async function identifiers({ port, within }: Visit, scrub: Scrubber): Promise<{ serial: string; imeis: readonly string[] }> {
	const ask = (script: string) =>
		port.script(script, { signal: within(READING_MS), deadlineMs: LINK_MS }).then(
			({ stdout }) => stdout,
			() => "",
		);
	const props = readProps(await ask("getprop"));
	const code = Number(property(props, "ro.build.version.sdk")) <= 29 ? 3 : 4;
	const service: string[] = [];
	for (const slot of [0, 1]) service.push(await ask(`service call iphonesubinfo ${code} i32 ${slot} s16 com.android.shell`));
	const { imei1, imei2 } = readImeis({ props, subscriberInfo: service });
	const imeis = [imei1, imei2].flatMap((imei) => imei ?? []);
	for (const value of imeis) scrub.know({ kind: "imei", value });
	const serial = property(props, "ro.serialno") ?? property(props, "ro.boot.serialno") ?? "";
	scrub.know({ kind: "serial", value: serial });
	return { serial, imeis };
}

async function read(context: Visit, reading: Reading): Promise<ReadingOutcome> {
	const { port, within, clock } = context;
	const { name, script } = reading;
	const started = clock.nowMs();
	const signal = within(READING_MS);
	const about = () => ({ name, script, tookMs: clock.nowMs() - started });
	try {
		const { stdout, stderr, exitCode } = await port.script(script, { signal, deadlineMs: LINK_MS });
		const lines = keptLines(reading, stdout);
		const said = plainLine(stderr || (lines.length === 0 ? stdout : ""), 200);
		// grep ends with 1 when nothing fits: that is an answer.
		const failed = lines.length === 0 && (exitCode > 1 || /not found|Can't find service|Permission|Exception/.test(said));
		if (failed) return { ...about(), outcome: "failed", exitCode, why: said, lines };
		return { ...about(), outcome: "read", exitCode, lines };
	} catch (error) {
		if (!(error instanceof FaultError)) throw error;
		const late = signal.aborted && !context.gone;
		if (late) await noticeFrozen(context);
		return { ...about(), outcome: late ? "late" : "failed", why: error.fault.code, lines: [] };
	}
}

/** A phone that ends nothing any more is as good as gone: waiting for each command in turn would take minutes and tell nothing. */
async function noticeFrozen(context: Visit): Promise<void> {
	const { port, within } = context;
	try {
		await port.script("true", { signal: within(ALIVE_MS), deadlineMs: LINK_MS });
	} catch (error) {
		if (!(error instanceof FaultError)) throw error;
		context.gone = true;
	}
}

function notTried({ name, script }: Reading): ReadingOutcome {
	return { name, script, outcome: "not tried", lines: [] };
}

async function askProvider(context: Visit, scrub: Scrubber, imeis: readonly string[]): Promise<ProviderOutcome> {
	const { port, within, randomBytes } = context;
	const options = (): CallOptions => ({ signal: within(CALL_MS), deadlineMs: LINK_MS });
	const hello = () => request(port, { hello: { challenge: randomBytes(16) } }, "identity", options());
	let identity: Awaited<ReturnType<typeof hello>>;
	try {
		identity = await hello();
	} catch (error) {
		if (!(error instanceof FaultError)) throw error;
		const { code, details, raw } = error.fault;
		const words = details?.code ?? details?.problem ?? plainLine(raw ?? "", 160);
		return { problem: words === "" ? code : `${code}: ${words}` };
	}
	scrub.know({ kind: "contract", value: identity.contractId });
	scrub.know({ kind: "device", value: identity.deviceId });
	const { status } = identity;
	const told: ProviderOutcome["identity"] = {
		agentVersion: identity.agentVersion,
		deviceOwner: identity.deviceOwner,
		bound: identity.contractId !== "",
		confirmed: identity.confirmed,
		standing: wire.Standing[status?.standing ?? 0] ?? String(status?.standing),
		sealed: status?.sealed ?? false,
		postureDrift: status?.postureDrift ?? [],
		attestationChanged: status?.attestationChanged ?? false,
		imeisRead: identity.imeis.length,
		...(imeis.length === 0 ? {} : { sameImeisAsProperties: imeis.every((imei) => identity.imeis.includes(imei)) }),
	};
	const call = (argument: string) => `content call --uri ${CABLE_PROVIDER.uri} --method none --arg ${argument}`;
	const refused = () => port.script(call("AA=="), options());
	const long = async () => {
		const stdin = new Uint8Array(MAX_CABLE_ARGUMENT).fill(0x41);
		const { stdout, stderr } = await port.script(call('"$(cat)"'), { ...options(), stdin });
		return `${stdout}\n${stderr}`;
	};
	try {
		return {
			identity: told,
			hello: await timing(context, hello),
			refusedCall: await timing(context, refused),
			longArgument: LONG_ARGUMENT[cableFailureIn(await long())] ?? "no: an answer of another kind",
		};
	} catch (error) {
		if (!(error instanceof FaultError)) throw error;
		return { identity: told, problem: `${error.fault.code}, while it was timed` };
	}
}

/** A method that there is not is refused by the provider itself: so it came through. */
const LONG_ARGUMENT: Partial<Record<CableFailure, string>> = {
	"unknown-method": `yes: ${MAX_CABLE_ARGUMENT} characters`,
	"argument-too-long": `no: ${MAX_CABLE_ARGUMENT} characters are too many for this phone`,
	"process-died": "no: the agent's process ended",
};

async function timing({ clock }: Visit, work: () => Promise<unknown>): Promise<Timing> {
	const took: number[] = [];
	for (let time = 0; time < TIMES; time += 1) {
		const started = clock.nowMs();
		await work();
		took.push(clock.nowMs() - started);
	}
	took.sort((one, other) => one - other);
	const at = (share: number) => took[Math.max(0, Math.ceil(share * took.length) - 1)] ?? 0;
	return { times: took.length, medianMs: at(0.5), p95Ms: at(0.95), minMs: at(0), maxMs: at(1) };
}
