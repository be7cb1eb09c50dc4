package dev.holdfast.agent.posture;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** A row of agent/policy/posture.ts: its name there, and the switches of this phone that make it so. */
final class Control {
  final String name;
  private final boolean never;
  private final List<PlatformSwitch> switches;

  private Control(String name, boolean never, List<PlatformSwitch> switches) {
    this.name = name;
    this.never = never;
    this.switches = Collections.unmodifiableList(switches);
  }

  /** A control that is restricted when the posture says so. */
  static Control of(String name, PlatformSwitch... switches) {
    return new Control(name, false, Arrays.asList(switches));
  }

  /** A control that no posture restricts: its switches are only ever lifted (F1, F2). */
  static Control never(String name, PlatformSwitch... switches) {
    return new Control(name, true, Arrays.asList(switches));
  }

  boolean isWantedRestricted(Wanted wanted) {
    return !never && wanted.restricts(name);
  }

  /** Each switch by itself: a refused one does not stop the next. */
  void bring(Wanted wanted) {
    for (PlatformSwitch each : switches) {
      each.bring(isWantedRestricted(wanted), wanted);
    }
  }

  /** Asked of the platform. A never-restricted control that the posture names does not hold as asked, and is said so. */
  boolean holds(Wanted wanted) {
    boolean all = never ? !wanted.restricts(name) : !wanted.restricts(name) || !switches.isEmpty();
    for (PlatformSwitch each : switches) {
      all &= each.holds(isWantedRestricted(wanted), wanted);
    }
    return all;
  }
}
