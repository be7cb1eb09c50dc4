package dev.holdfast.agent.core;

/** Telephone calls, as far as a device owner can see them. */
public interface CallState {
  /** Whether a call is going on that may be one to an emergency number. */
  boolean mayBeEmergency();

  /** Tells once when that is over, within half a minute. */
  void whenOver(Runnable told);
}
