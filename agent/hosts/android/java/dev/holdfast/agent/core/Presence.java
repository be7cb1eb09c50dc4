package dev.holdfast.agent.core;

/** Whether a person looks at the agent's own screen: notices on it count only then. */
interface Presence {
  boolean isPersonPresent();
}
