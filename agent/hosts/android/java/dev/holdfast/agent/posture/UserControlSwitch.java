package dev.holdfast.agent.posture;

import java.util.ArrayList;
import java.util.List;

/** Force-stopping the agent and clearing its data. */
final class UserControlSwitch extends PlatformSwitch {
  private final PolicyGateway gateway;

  UserControlSwitch(PolicyGateway gateway) {
    this.gateway = gateway;
  }

  @Override
  void put(boolean restricted, Wanted wanted) {
    List<String> packages = new ArrayList<String>(gateway.userControlDisabledPackages());
    packages.remove(gateway.ownPackage());
    if (restricted) {
      packages.add(gateway.ownPackage());
    }
    gateway.setUserControlDisabledPackages(packages);
  }

  @Override
  boolean isAsWanted(boolean restricted, Wanted wanted) {
    return gateway.userControlDisabledPackages().contains(gateway.ownPackage()) == restricted;
  }
}
