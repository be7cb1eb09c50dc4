package dev.holdfast.agent.posture;

/**
 * A user restriction. Restricted means that it is in force, by whomever; open means that the agent does not set it: what somebody else
 * set is not ours to lift, and must not hold up a release.
 */
final class UserRestriction extends PlatformSwitch {
  private final PolicyGateway gateway;
  private final String key;

  UserRestriction(PolicyGateway gateway, String key) {
    this.gateway = gateway;
    this.key = key;
  }

  @Override
  void put(boolean restricted, Wanted wanted) {
    if (restricted) {
      gateway.addRestriction(key);
    } else {
      gateway.clearRestriction(key);
    }
  }

  @Override
  boolean isAsWanted(boolean restricted, Wanted wanted) {
    return restricted ? gateway.isRestricted(key) : !gateway.ownRestrictions().contains(key);
  }

  /** In force and our own, or neither: if the two differ, saying it once more costs nothing. */
  @Override
  boolean isSettled(boolean restricted, Wanted wanted) {
    return gateway.isRestricted(key) == restricted && gateway.ownRestrictions().contains(key) == restricted;
  }

  @Override
  public String toString() {
    return key;
  }
}
