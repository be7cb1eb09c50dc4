package dev.holdfast.agent.posture;

/**
 * The status bar outside lock task; inside, lock task features decide (see {@link LockTaskSwitch}). It can be read back from API 34 on.
 * Before that the platform's answer to the call is all there is, so the call is made each time.
 */
final class StatusBarSwitch extends PlatformSwitch {
  private static final int READABLE_SINCE = 34;

  private final PolicyGateway gateway;

  /** The last state that the platform said yes to; null while that is unknown. */
  private Boolean accepted;

  StatusBarSwitch(PolicyGateway gateway) {
    this.gateway = gateway;
  }

  @Override
  void put(boolean restricted, Wanted wanted) {
    accepted = null;
    if (gateway.setStatusBarDisabled(restricted)) {
      accepted = restricted;
    }
  }

  @Override
  boolean isAsWanted(boolean restricted, Wanted wanted) {
    if (gateway.apiLevel() >= READABLE_SINCE) {
      return gateway.isStatusBarDisabled() == restricted;
    }
    return accepted != null && accepted == restricted;
  }

  @Override
  boolean isSettled(boolean restricted, Wanted wanted) {
    return gateway.apiLevel() >= READABLE_SINCE && isAsWanted(restricted, wanted);
  }
}
