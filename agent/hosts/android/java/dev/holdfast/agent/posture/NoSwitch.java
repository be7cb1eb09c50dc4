package dev.holdfast.agent.posture;

/** Stands where this Android has nothing to switch, and needs nothing. */
final class NoSwitch extends PlatformSwitch {
  static final NoSwitch INSTANCE = new NoSwitch();

  private NoSwitch() {}

  @Override
  void put(boolean restricted, Wanted wanted) {}

  @Override
  boolean isAsWanted(boolean restricted, Wanted wanted) {
    return true;
  }
}
