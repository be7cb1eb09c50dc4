package dev.holdfast.agent.posture;

/** Reads back that a pinned screen has the emergency call (F1), and puts it back. */
final class EmergencySwitch extends PlatformSwitch {
  private static final int FEATURES_SINCE = 28;

  private final PolicyGateway gateway;

  EmergencySwitch(PolicyGateway gateway) {
    this.gateway = gateway;
  }

  @Override
  void put(boolean restricted, Wanted wanted) {
    gateway.setLockTaskFeatures(gateway.lockTaskFeatures() | LockTaskSwitch.EMERGENCY_FEATURES);
  }

  @Override
  boolean isAsWanted(boolean restricted, Wanted wanted) {
    if (gateway.apiLevel() < FEATURES_SINCE || gateway.lockTaskPackages().isEmpty()) {
      return true;
    }
    return (gateway.lockTaskFeatures() & LockTaskSwitch.EMERGENCY_FEATURES) == LockTaskSwitch.EMERGENCY_FEATURES;
  }
}
