/**
 * In place of the console that an engine without a host lacks: XState takes hold of one while it loads, for actors, of which the
 * agent has none. What the agent has to say stands in its effects.
 */
export const console = { log() {}, warn() {}, error() {} };
