package dev.holdfast.agent.posture;

/** Where the home button leads: to the lock page while it is the only page. */
final class HomeSwitch extends PlatformSwitch {
  private final PolicyGateway gateway;

  HomeSwitch(PolicyGateway gateway) {
    this.gateway = gateway;
  }

  @Override
  void put(boolean restricted, Wanted wanted) {
    if (restricted) {
      gateway.makeLockPageHome();
    } else {
      gateway.giveHomeBack();
    }
  }

  @Override
  boolean isAsWanted(boolean restricted, Wanted wanted) {
    return gateway.isLockPageHome() == restricted;
  }
}
