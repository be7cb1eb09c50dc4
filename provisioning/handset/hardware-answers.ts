import { AGENT_PACKAGE } from "../../proto/android-agent.ts";
import { HARDWARE_QUESTIONS, type HardwareQuestion } from "./hardware-checklist.ts";

/** What one command of a report came to. */
export interface ReadingOutcome {
	readonly name: string;
	readonly script: string;
	/** late: not within its deadline. not tried: the phone was gone by then. */
	readonly outcome: "read" | "failed" | "late" | "not tried";
	readonly exitCode?: number;
	/** Why it failed, in the phone's words. */
	readonly why?: string;
	readonly tookMs?: number;
	/** What was kept of the output. */
	readonly lines: readonly string[];
}

/** How long something took, over several times, in milliseconds by the station's clock. */
export interface Timing {
	readonly times: number;
	readonly medianMs: number;
	readonly p95Ms: number;
	readonly minMs: number;
	readonly maxMs: number;
}

/** What the agent's provider answered. */
export interface ProviderOutcome {
	/** What it says of itself, without a name or a number of anybody. */
	readonly identity?: {
		readonly agentVersion: string;
		readonly deviceOwner: boolean;
		readonly bound: boolean;
		readonly confirmed: boolean;
		readonly standing: string;
		readonly sealed: boolean;
		readonly postureDrift: readonly string[];
		readonly attestationChanged: boolean;
		readonly imeisRead: number;
		readonly sameImeisAsProperties?: boolean;
	};
	/** Why there is no identity: a fault's code and the phone's words. */
	readonly problem?: string;
	/** A whole Hello: start of `content`, call, `handle()`. */
	readonly hello?: Timing;
	/** The same with a method that the provider refuses at once: what of the time is not `handle()`. */
	readonly refusedCall?: Timing;
	/** What became of an argument as long as one may be. */
	readonly longArgument?: string;
}

/** Everything that a report was made of. */
export interface HardwareEvidence {
	readonly readings: readonly ReadingOutcome[];
	readonly provider: ProviderOutcome;
}

export type Verdict = "known" | "unknown" | "needs a person";

/** A question of the checklist, and how far this report answers it. */
export interface AnsweredQuestion extends HardwareQuestion {
	readonly verdict: Verdict;
	/** The answer; or, where a person is needed, what the phone says towards one. */
	readonly answer?: string;
	/** Readings it rests on. */
	readonly from: readonly string[];
}

interface Answer {
	readonly from: readonly string[];
	/** Known as such, unless `hint` says that a person must still look. */
	readonly answer?: string | undefined;
	readonly hint?: string | undefined;
}

type Answerer = (look: Look) => Answer;

/** The evidence, as answers look at it. */
interface Look extends HardwareEvidence {
	text(name: string): string;
	was(name: string): boolean;
	property(name: string): string | undefined;
	/** The agent is installed. */
	readonly installed: boolean;
	readonly owns: boolean;
}

/** Which answers a command can give. A question that is not here needs a person. */
const ANSWERERS: Readonly<Record<number, Answerer>> = {
	1: ({ text, installed, property }) => {
		const version = /versionName=(\S+)/.exec(text("agent package"))?.[1];
		const android = property("ro.build.version.release");
		return {
			from: ["agent package", "properties"],
			answer: installed ? `yes: ${version ?? "of a version that is not told"}, on Android ${android ?? "?"}` : undefined,
		};
	},
	2: ({ owns }) => ({ from: ["owners"], answer: owns ? "yes" : undefined }),
	3: ({ text, provider }) => {
		const error = /\b\w*VerifyError\b.*/.exec(text("crashes"))?.[0];
		const status = /status=([\w-]+)/.exec(text("agent package"))?.[1];
		const runs = provider.identity ? `yes: it runs${status === undefined ? "" : `, compiled as ${status}`}` : undefined;
		return { from: ["agent package", "crashes", "provider"], answer: error === undefined ? runs : `no: ${error}` };
	},
	4: ({ text, provider, property }) => {
		const where = `${property("ro.product.cpu.abi") ?? "an ABI that is not told"}, pages of ${text("page size") || "?"} bytes`;
		const link = /UnsatisfiedLinkError.*/.exec(text("crashes"))?.[0];
		const yes = provider.identity ? `yes: ${where}` : undefined;
		return {
			from: ["page size", "properties", "crashes", "provider"],
			answer: link === undefined ? yes : `no: ${link} (${where})`,
		};
	},
	5: ({ text }) => ({ from: ["log"], answer: /self-?check.*/i.exec(text("log"))?.[0] }),
	6: ({ provider: { hello, refusedCall } }) => ({
		from: ["provider"],
		answer:
			hello && refusedCall
				? `about ${Math.max(0, hello.medianMs - refusedCall.medianMs)} ms for a Hello, its signature included, of a whole call of ${hello.medianMs} ms (p95 ${hello.p95Ms} ms, ${hello.times} times)`
				: undefined,
	}),
	7: ({ text }) => ({ from: ["verifier settings"], hint: `settings: ${text("verifier settings").replaceAll("\n", ", ")}` }),
	10: ({ provider, installed }) => ({
		from: ["provider"],
		answer: provider.identity ? "yes" : installed && provider.problem ? `no: ${provider.problem}` : undefined,
	}),
	11: ({ text, provider, was }) => {
		const locked = /State: RUNNING_LOCKED/.test(text("users and restrictions"));
		const answer = provider.identity ? "yes: it answers, and the first user is still locked" : `no: ${provider.problem}`;
		if (locked) return { from: ["users and restrictions", "provider"], answer };
		return {
			from: ["users and restrictions", "provider"],
			hint: was("users and restrictions") ? "the first user was unlocked when this was made" : undefined,
		};
	},
	13: ({ provider }) => ({ from: ["provider"], answer: provider.longArgument }),
	17: ({ provider: { identity } }) => ({
		from: ["provider"],
		hint: identity && `attested as at binding: ${identity.attestationChanged ? "no" : "yes, or nothing is attested"}`,
	}),
	18: ({ text }) => ({ from: ["features"], hint: feature(text("features"), "android.software.device_id_attestation") }),
	19: ({ text, was }) => {
		const strongbox = feature(text("features"), "android.hardware.strongbox_keystore");
		const none = was("features") && text("features") !== "" && strongbox?.endsWith("no");
		return { from: ["features"], ...(none ? { answer: "there is none" } : { hint: strongbox }) };
	},
	21: ({ readings, was }) => {
		const names = readings.find(({ name }) => name === "imei properties")?.lines ?? [];
		const filled = names.filter((line) => line.endsWith(": an IMEI")).map((line) => line.split(":")[0]);
		return {
			from: ["imei properties"],
			answer: was("imei properties") ? (filled.length > 0 ? `yes: ${filled.join(", ")}` : "no") : undefined,
		};
	},
	22: ({ text }) => ({ from: ["imei service"], answer: text("imei service") || undefined }),
	25: ({ text, installed }) => ({
		from: ["agent package"],
		hint: installed
			? `Android's own flag: backup ${/\bALLOW_BACKUP\b/.test(text("agent package")) ? "allowed" : "refused"}`
			: undefined,
	}),
	28: ({ text }) => {
		const state = /mLockTaskModeState=(\w+)/.exec(text("lock task"))?.[1];
		const said = state && `mLockTaskModeState is ${state}`;
		return { from: ["lock task"], ...(state === "LOCKED" ? { answer: said } : { hint: said && `${said} when this was made` }) };
	},
	29: ({ text, provider: { identity } }) => {
		const held = restrictions(text("users and restrictions"));
		const drift = identity && identity.postureDrift.length > 0 ? `; not held: ${identity.postureDrift.join(", ")}` : "";
		return {
			from: ["users and restrictions", "provider"],
			hint: held.length > 0 ? `Android holds ${held.join(", ")}${drift}` : "Android holds none now",
		};
	},
	30: ({ text, owns, installed, was }) => {
		if (!was("owners") || !was("users and restrictions") || owns) return { from: ["owners", "users and restrictions"] };
		const held = restrictions(text("users and restrictions"));
		return {
			from: ["owners", "users and restrictions"],
			hint: `no owner of ours; ${held.length > 0 ? `still held: ${held.join(", ")}` : "nothing held"}; the agent is ${installed ? "still" : "not"} installed`,
		};
	},
	32: ({ text }) => ({ from: ["essential apps"], answer: text("essential apps").replaceAll("\n", ", ") || undefined }),
	35: ({ text, owns, was }) => {
		const [alarm, job] = ["alarms", "jobs"].map((name) => (text(name) === "" ? "no" : "yes"));
		const known = owns && was("alarms") && was("jobs");
		return { from: ["alarms", "jobs"], answer: known ? `alarm: ${alarm}, job: ${job}` : undefined };
	},
	37: ({ text }) => ({ from: ["app-op 10007", "app-op 10008"], hint: `${text("app-op 10007")}; ${text("app-op 10008")}` }),
	39: ({ text, property }) => ({
		from: ["app-op 10008", "properties"],
		hint: `${text("app-op 10008")}; the switch reads ${property("persist.security.adbinput") ?? "nothing"}`,
	}),
	40: ({ property }) => ({ from: ["properties"], hint: `reads ${property("persist.security.adbinput") ?? "nothing"} now` }),
	41: ({ text, was }) => {
		const single = /: allow\b/.test(text("app-op 10008"));
		const listed = /MIUIOP\(10008\)/.test(text("app-ops"));
		return { from: ["app-ops", "app-op 10008"], answer: was("app-ops") && single ? (listed ? "yes" : "no") : undefined };
	},
	44: ({ text }) => ({ from: ["app-op POST_NOTIFICATION"], hint: text("app-op POST_NOTIFICATION") || undefined }),
	46: ({ text }) => ({ from: ["what people set"], hint: `font scale ${text("what people set").split("\n")[0] ?? "?"}` }),
	48: ({ text, owns }) => {
		const there = /com\.xiaomi\.unactivated/.test(text("account types"));
		return {
			from: ["account types", "owners"],
			answer: there && owns ? "no: there is one, and the agent owns the phone" : undefined,
			hint: there && !owns ? "there is one, and the agent does not own the phone" : undefined,
		};
	},
	50: ({ text }) => ({ from: ["find device setting"], hint: text("find device setting").replaceAll("\n", ", ") || undefined }),
};

/** Whether a report says anything to a question, be it only towards an answer. */
export function isAsked(question: HardwareQuestion): boolean {
	return ANSWERERS[question.number] !== undefined;
}

/** Every question of the checklist with what the evidence says to it. */
export function answerQuestions(evidence: HardwareEvidence): readonly AnsweredQuestion[] {
	const found = (name: string) => evidence.readings.find((reading) => reading.name === name);
	const text = (name: string) => found(name)?.lines.join("\n") ?? "";
	const look: Look = {
		...evidence,
		text,
		was: (name) => found(name)?.outcome === "read",
		property: (name) =>
			found("properties")
				?.lines.find((line) => line.startsWith(`[${name}]: `))
				?.slice(name.length + 5, -1),
		installed: text("agent package").includes(`Package [${AGENT_PACKAGE}]`),
		owns: ownsPhone(text("owners")),
	};
	return HARDWARE_QUESTIONS.map((question) => {
		const answerer = ANSWERERS[question.number];
		if (!answerer) return { ...question, verdict: "needs a person", from: [] };
		const { from, answer, hint } = answerer(look);
		if (answer !== undefined) return { ...question, verdict: "known", answer, from };
		if (hint !== undefined) return { ...question, verdict: "needs a person", answer: hint, from };
		return { ...question, verdict: "unknown", from };
	});
}

/** The agent stands under `Device Owner:`, not only among the admins. */
function ownsPhone(owners: string): boolean {
	const block = owners.split(/^[ \t]*Device Owner/m)[1]?.split(/^[ \t]*Profile Owner|Enabled Device Admins/m)[0];
	return block?.includes(`{${AGENT_PACKAGE}/`) ?? false;
}

/** Restrictions in force, as `dumpsys user` names them. */
function restrictions(users: string): readonly string[] {
	const [, effective = ""] = users.split(/Effective restrictions:/);
	return [...new Set(effective.match(/\bno_\w+/g) ?? [])];
}

function feature(features: string, name: string): string | undefined {
	return features === ""
		? undefined
		: `${name}: ${new RegExp(`\\b${name.replaceAll(".", "\\.")}\\b`).test(features) ? "yes" : "no"}`;
}
