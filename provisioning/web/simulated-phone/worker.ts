import { toHex } from "../../../proto/crypto.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import type { AgentScript } from "../../simulation/agent-script.ts";
import { createLife, type Life } from "../../simulation/life.ts";
import { previewTimeline } from "../../simulation/preview.ts";
import type { Scenario } from "../../simulation/scenario.ts";
import { timeline } from "../../simulation/timeline.ts";
import type { AnsweredMessage, AskedMessage, LoadedAgent, RequestName, Requests } from "./messages.ts";

const LOAD_DEADLINE_MS = 20_000;

/** What of a worker's surroundings is used; the page's own library of types describes a window. */
interface WorkerScope {
	importScripts(url: string): void;
	postMessage(message: AnsweredMessage): void;
	addEventListener(type: "message", listener: (event: MessageEvent<AskedMessage>) => void): void;
	/** The one global that the agent's bundle leaves. */
	readonly holdfast?: AgentScript;
}
const scope = globalThis as unknown as WorkerScope; // a classic worker: the bundle is a script, and the policy allows no eval

type Handlers = { readonly [Name in RequestName]: (ask: Requests[Name]["ask"]) => Answer<Name> | Promise<Answer<Name>> };
type Answer<Name extends RequestName> = Requests[Name]["answer"] | { readonly problem: string };

function startWorker(): void {
	let life: Life | undefined;
	/** What the present life has seen: its beginning, and every act in order. */
	let seen = "";
	const handlers: Handlers = {
		open: ({ agentUrl }) => load(agentUrl),
		go({ scenario, toHour }) {
			const past = scenario.acts.filter(({ atHour }) => atHour <= toHour);
			const isOnward = life !== undefined && life.hour <= toHour && isContinued(scenario, past, life.hour, seen);
			if (!isOnward) {
				const { seed, startsAtUnixSeconds, terms } = scenario;
				const begun = createLife({ script: agent(), seed, startsAtUnixSeconds, terms });
				if ("problem" in begun) return begun;
				life = begun;
				seen = gistOf(scenario, []);
			}
			if (!life) return NO_LIFE;
			const done = isOnward ? countOf(seen) : 0;
			for (const { atHour, act } of past.slice(done)) {
				life.advanceTo(atHour);
				life.act(act);
			}
			life.advanceTo(toHour);
			seen = gistOf(scenario, past);
			return life.state();
		},
		ahead: ({ days }) => (life ? timeline(life, days) : NO_LIFE),
		record: () => life?.fork().exportRecord() ?? NO_LIFE,
		preview: (input) => previewTimeline(agent(), input),
	};
	// One after the other: a life has one present.
	let last: Promise<void> = Promise.resolve();
	scope.addEventListener("message", ({ data }) => {
		last = last.then(() => answer(handlers, data));
	});
}

type Acts = Scenario["acts"];

function gistOf({ seed, startsAtUnixSeconds, terms }: Scenario, acts: Acts): string {
	return JSON.stringify([seed, startsAtUnixSeconds, terms, ...acts]);
}

function countOf(seen: string): number {
	const parts: unknown[] = JSON.parse(seen);
	return parts.length - 3;
}

/** Whether what is asked for begins with what was lived, and nothing new is in the past. */
function isContinued(scenario: Scenario, past: Acts, hour: number, seen: string): boolean {
	const done = countOf(seen);
	return gistOf(scenario, past.slice(0, done)) === seen && past.slice(done).every(({ atHour }) => atHour >= hour);
}

const NO_LIFE = { problem: "no life was begun" };

async function answer(handlers: Handlers, { id, name, ask }: AskedMessage): Promise<void> {
	try {
		const handle = handlers[name] as (ask: unknown) => Answer<RequestName> | Promise<Answer<RequestName>>; // name and ask belong together
		const answered = await handle(ask);
		if ("problem" in answered) scope.postMessage({ id, problem: answered.problem });
		else scope.postMessage({ id, answer: answered });
	} catch (error) {
		scope.postMessage({ id, problem: error instanceof Error ? error.message : String(error) });
	}
}

function agent(): AgentScript {
	if (!scope.holdfast) throw new Error("the agent was not loaded");
	return scope.holdfast;
}

async function load(agentUrl: string): Promise<LoadedAgent> {
	const response = await fetch(agentUrl, { signal: AbortSignal.timeout(LOAD_DEADLINE_MS) });
	if (!response.ok) throw new Error(`the agent's bundle was not found: ${response.status}`);
	const bytes = new Uint8Array(await response.arrayBuffer());
	if (!scope.holdfast) scope.importScripts(agentUrl);
	return { sha256: toHex(nobleCrypto.sha256(bytes)), bytes: bytes.length };
}

startWorker();
