package dev.holdfast.agent.posture;

/** Removing the agent. */
final class UninstallSwitch extends PlatformSwitch {
  private final PolicyGateway gateway;

  UninstallSwitch(PolicyGateway gateway) {
    this.gateway = gateway;
  }

  @Override
  void put(boolean restricted, Wanted wanted) {
    gateway.setUninstallBlocked(restricted);
  }

  @Override
  boolean isAsWanted(boolean restricted, Wanted wanted) {
    return gateway.isUninstallBlocked() == restricted;
  }
}
