package dev.holdfast.agent.posture;

import java.util.Set;
import java.util.TreeSet;

/** Apps that are taken from the borrower: all but what the phone needs, or the galleries. */
final class AppsSwitch extends PlatformSwitch {
  private final PolicyGateway gateway;
  private final HeldApps held;
  private final String control;

  AppsSwitch(PolicyGateway gateway, HeldApps held, String control) {
    this.gateway = gateway;
    this.held = held;
    this.control = control;
  }

  /** Both kinds of apps are brought together: an app that one of them still wants held is not let go for the other. */
  @Override
  void put(boolean restricted, Wanted wanted) {
    if (!wanted.essential.complete && anyRestricted(wanted)) {
      // Nothing new is taken, but what must stay usable, as far as that is known, is given back.
      held.letGo(wanted.untouchable);
      throw new IllegalStateException("what this phone needs is not known");
    }
    Set<String> apps = new TreeSet<String>();
    for (String each : Controls.APP_CONTROLS) {
      if (wanted.restricts(each)) {
        apps.addAll(appsOf(each, wanted));
      }
    }
    held.bring(apps);
  }

  @Override
  boolean isAsWanted(boolean restricted, Wanted wanted) {
    if (!restricted) {
      return isNothingLeft(wanted);
    }
    for (String app : appsOf(control, wanted)) {
      if (!gateway.isSuspended(app) && !gateway.isHidden(app)) {
        return false;
      }
    }
    return wanted.essential.complete;
  }

  /** An app that the other control wants held is not held for this one; and only a gallery is ever held for the galleries' sake. */
  private boolean isNothingLeft(Wanted wanted) {
    if (held.isEmpty()) {
      return true;
    }
    Set<String> left = held.all();
    for (String each : Controls.APP_CONTROLS) {
      if (wanted.restricts(each)) {
        left.removeAll(appsOf(each, wanted));
      }
    }
    if (control.equals(Controls.GALLERY)) {
      left.retainAll(gateway.galleryApps());
    }
    return left.isEmpty() && !held.isLost();
  }

  /** Never without a look: an app of the untouchable ones may be held from before. */
  @Override
  boolean isSettled(boolean restricted, Wanted wanted) {
    return false;
  }

  @Override
  public String toString() {
    return "apps of " + control;
  }

  private Set<String> appsOf(String which, Wanted wanted) {
    Set<String> apps = new TreeSet<String>(which.equals(Controls.OTHER_APPS) ? gateway.launchableApps() : gateway.galleryApps());
    apps.removeAll(wanted.untouchable);
    return apps;
  }

  private static boolean anyRestricted(Wanted wanted) {
    for (String each : Controls.APP_CONTROLS) {
      if (wanted.restricts(each)) {
        return true;
      }
    }
    return false;
  }
}
