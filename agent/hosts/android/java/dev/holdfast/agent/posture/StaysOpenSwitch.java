package dev.holdfast.agent.posture;

import java.util.Collection;
import java.util.Collections;
import java.util.Set;

/**
 * Reads back that packages which must stay usable are: not held by the agent, and let through by lock task. There is one way to put it,
 * and it opens.
 */
final class StaysOpenSwitch extends PlatformSwitch {
  /** Instead of a role: the packages that the posture itself names. */
  static final int OPEN_BY_POSTURE = 0;

  private final PolicyGateway gateway;
  private final HeldApps held;
  private final int role;

  StaysOpenSwitch(PolicyGateway gateway, HeldApps held, int role) {
    this.gateway = gateway;
    this.held = held;
    this.role = role;
  }

  @Override
  void put(boolean restricted, Wanted wanted) {
    held.letGo(wanted.untouchable);
  }

  @Override
  boolean isAsWanted(boolean restricted, Wanted wanted) {
    Collection<String> packages = role == OPEN_BY_POSTURE ? wanted.openByPosture : wanted.essential.packagesOf(role);
    Set<String> allowed = gateway.lockTaskPackages();
    return Collections.disjoint(held.all(), packages) && (allowed.isEmpty() || allowed.containsAll(packages));
  }

  /** Lock task is put right by its own switch. */
  @Override
  boolean isSettled(boolean restricted, Wanted wanted) {
    return Collections.disjoint(held.all(), wanted.untouchable);
  }
}
