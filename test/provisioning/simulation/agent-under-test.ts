import { Script } from "node:vm";

import type { AgentScript } from "../../../provisioning/simulation/agent-script.ts";
import { createLife, type DirectedLife, type Life, liveScenario } from "../../../provisioning/simulation/life.ts";
import type { Scenario } from "../../../provisioning/simulation/scenario.ts";
import { story } from "../../../provisioning/simulation/stories.ts";
import { bundleAgent } from "../../../scripts/agent/bundle-agent.ts";

/** The agent as it is built for phones and pages. */
export async function agentScript(): Promise<AgentScript> {
	const text = new TextDecoder().decode(await bundleAgent());
	const opened: unknown = new Script(`(() => { ${text}\nreturn holdfast; })()`).runInThisContext();
	return opened as AgentScript; // the one global of the bundle: test/agent/hosts/engine/ holds it to this shape
}

/** A life that the agent must take. */
export function begun(script: AgentScript, changes: Partial<Scenario> = {}): DirectedLife {
	const { seed, startsAtUnixSeconds, terms } = { ...story("neverPays"), ...changes };
	const life = createLife({ script, seed, startsAtUnixSeconds, terms });
	if ("problem" in life) throw new Error(life.problem);
	return life;
}

export function lived(script: AgentScript, scenario: Scenario): Life {
	const life = liveScenario(script, scenario);
	if ("problem" in life) throw new Error(life.problem);
	return life;
}
