package dev.holdfast.agent.core;

/** Powered-on time. The wall clock is not among what the agent is told. */
public interface Clock {
  /** Milliseconds of powered-on time since this boot, sleep included. */
  long elapsedMillis();

  /** Grows by one at each boot. */
  long bootCount();
}
