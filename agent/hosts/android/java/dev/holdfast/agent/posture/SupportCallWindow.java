package dev.holdfast.agent.posture;

import dev.holdfast.agent.core.HandsetControls;

/**
 * Lets a call to the lender's support line through while outgoing calls are restricted (F2). DISALLOW_OUTGOING_CALLS knows no
 * exceptions but emergency numbers, and the agent may not place calls itself; so the restriction goes for the moment in which the
 * borrower dials, whoever is called then. A call that has begun is not cut off by the end of the window. Kept in memory only: after a
 * restart of the agent the window is closed.
 */
final class SupportCallWindow {
  private final PolicyGateway gateway;
  private long closesAtMs;

  SupportCallWindow(PolicyGateway gateway) {
    this.gateway = gateway;
  }

  void open() {
    closesAtMs = gateway.elapsedMs() + HandsetControls.SUPPORT_CALL_MILLIS;
  }

  boolean isOpen() {
    return gateway.elapsedMs() < closesAtMs;
  }
}
