package dev.holdfast.agent.core;

/**
 * What a battery may cost. The engine asks to be called every five minutes, because it charges time before it is used. A phone that
 * sleeps uses none, and whatever was due happens in the moment it wakes: so the engine's time is kept while the phone is awake, and
 * the phone is woken for it six hours after the last event at the soonest, four times a day, to check in. While it is locked it is
 * woken after half an hour: so long, at most, a payment may take to open it (F6). No policy: it decides when a sleeping phone is
 * asked, not what it is told.
 */
final class WakeSchedule {
  static final long SPACING_MILLIS = 6 * 3_600_000L;
  static final long SPACING_WHILE_LOCKED_MILLIS = 30 * 60_000L;

  private final Alarms alarms;
  private final Clock clock;
  private boolean isLocked;

  WakeSchedule(Alarms alarms, Clock clock) {
    this.alarms = alarms;
    this.clock = clock;
  }

  /** As the screen says it: RestrictionLevel above NONE. */
  void locked(boolean locked) {
    isLocked = locked;
  }

  /** To be told after each event. 0: none is wanted. */
  void callAt(long elapsedMillis) {
    if (elapsedMillis == 0) {
      alarms.cancel();
      return;
    }
    long spacing = isLocked ? SPACING_WHILE_LOCKED_MILLIS : SPACING_MILLIS;
    alarms.callAt(elapsedMillis, Math.max(elapsedMillis, clock.elapsedMillis() + spacing));
  }
}
