package dev.holdfast.agent.core;

/** Calls back after a short while in which the phone does not sleep; alarms of Android come in minutes, not in seconds. */
public interface Delay {
  void after(long millis, Runnable told);
}
