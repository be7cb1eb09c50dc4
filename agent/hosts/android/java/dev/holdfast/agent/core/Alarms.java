package dev.holdfast.agent.core;

/** When the agent is to be called again, in powered-on time of the present boot. What is set replaces what was set before. */
public interface Alarms {
  /**
   * @param whenAwakeMillis at this time if the phone is awake then, or as soon as it is awake for any other reason.
   * @param wakeUpMillis at this time the phone is woken, if it was not awake since the other.
   */
  void callAt(long whenAwakeMillis, long wakeUpMillis);

  /** No call is wanted. */
  void cancel();
}
