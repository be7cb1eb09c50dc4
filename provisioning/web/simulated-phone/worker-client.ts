import type { Scenario } from "../../simulation/scenario.ts";
import type { AnsweredMessage, AskedMessage, RequestName, Requests } from "./messages.ts";

const DEADLINE_MS = 60_000;

type Asked<Name extends RequestName> = Promise<Requests[Name]["answer"]>;

/** A simulated phone in a worker of its own. Every promise is rejected with an Error that says in English what was refused. */
export interface SimulatedPhoneClient {
	/** Which agent runs: its SHA-256 is that of the script in the APK. */
	agent(): Asked<"open">;
	/** The life of a scenario at an hour. */
	go(scenario: Scenario, toHour: number): Asked<"go">;
	/** What follows in so many days if nothing else happens. */
	ahead(days: number): Asked<"ahead">;
	/** The borrower's record, which `holdfast audit verify` checks. */
	record(): Asked<"record">;
	/** What happens to the phone of a real contract if nobody pays, and if the next instalment is paid. */
	preview(input: Requests["preview"]["ask"]): Asked<"preview">;
	close(): void;
}

/** Starts the worker and loads the agent's bundle into it. Nothing of it leaves the page. */
export function openSimulatedPhone(): SimulatedPhoneClient {
	const worker = new Worker(new URL("./worker.ts", import.meta.url), { name: "simulated phone" });
	const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
	let lastId = 0;
	worker.addEventListener("message", ({ data }: MessageEvent<AnsweredMessage>) => {
		const asked = waiting.get(data.id);
		waiting.delete(data.id);
		if ("problem" in data) asked?.reject(new Error(data.problem));
		else asked?.resolve(data.answer);
	});
	const fail = (message: string) => {
		for (const { reject } of waiting.values()) reject(new Error(message));
		waiting.clear();
	};
	worker.addEventListener("error", ({ message }) => fail(message || "the simulated phone could not start"));

	function ask<Name extends RequestName>(name: Name, question: Requests[Name]["ask"]): Asked<Name> {
		lastId += 1;
		const id = lastId;
		const message: AskedMessage<Name> = { id, name, ask: question };
		return new Promise<Requests[Name]["answer"]>((resolve, reject) => {
			const deadline = setTimeout(() => {
				waiting.delete(id);
				reject(new Error("the simulated phone took too long"));
			}, DEADLINE_MS);
			waiting.set(id, {
				resolve(answer) {
					clearTimeout(deadline);
					resolve(answer as Requests[Name]["answer"]); // the worker answers each id with what its name asks for
				},
				reject(error) {
					clearTimeout(deadline);
					reject(error);
				},
			});
			worker.postMessage(message);
		});
	}

	const opened = ask("open", { agentUrl: new URL("../build/agent-bundle/agent.js", import.meta.url).href });
	// Whoever asks hears of it; nobody may be asking yet.
	opened.catch(() => {});
	return {
		agent: () => opened,
		go: (scenario, toHour) => ask("go", { scenario, toHour }),
		ahead: (days) => ask("ahead", { days }),
		record: () => ask("record", {}),
		preview: (input) => ask("preview", input),
		close() {
			worker.terminate();
			fail("the simulated phone was put away");
		},
	};
}
