package dev.holdfast.agent.posture;

import android.util.Log;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Gives the phone back, in the order that leaves nothing behind which nobody could lift any more: lock task, user restrictions, reset
 * protection, camera, status bar and apps, the agent's own protection, HOME, words, permission; then everything is read back, and only
 * if nothing is left, ownership goes. Every step can be done twice, so a phone that died in the middle starts again from the top.
 */
final class OwnershipReturn {
  private static final int RESET_PROTECTION_SINCE = 30;

  /** Of these the rest consists, in this order; HOME belongs to lock task. */
  private static final List<String> NEXT =
      Arrays.asList(Controls.GALLERY, Controls.OTHER_APPS, Controls.STATUS_BAR, "uninstallAgent", Controls.LOCK_TASK);

  private final PolicyGateway gateway;
  private final Controls controls;
  private final Disclosure disclosure;
  private final Runnable afterwards;

  /** @param afterwards clears what the agent wrote about its posture; only after ownership is gone. */
  OwnershipReturn(PolicyGateway gateway, Controls controls, Disclosure disclosure, Runnable afterwards) {
    this.gateway = gateway;
    this.controls = controls;
    this.disclosure = disclosure;
    this.afterwards = afterwards;
  }

  /** True when ownership is gone. */
  boolean run() {
    if (gateway.isDeviceOwner()) {
      Wanted nothing = Wanted.nothing(gateway.ownPackage());
      giveBack(nothing);
      if (!isNothingLeft(nothing)) {
        return false;
      }
      try {
        gateway.clearDeviceOwner();
      } catch (RuntimeException notNow) {
        failed("clear the device owner", notNow);
      }
      if (gateway.isDeviceOwner()) {
        return false;
      }
    }
    afterwards.run();
    return true;
  }

  private void giveBack(Wanted nothing) {
    new LockTaskSwitch(gateway).bring(false, nothing);
    clearRestrictions();
    clearResetProtection();
    for (String next : NEXT) {
      controls.named(next).bring(nothing);
    }
    controls.bring(nothing);
    disclosure.takeBack();
    try {
      gateway.ungrantReadPhoneState();
    } catch (RuntimeException refused) {
      failed("give a permission back", refused);
    }
  }

  /** Those of the table and any other, such as the ones that Android gives a new device owner. */
  private void clearRestrictions() {
    List<String> keys = new ArrayList<String>();
    try {
      keys.addAll(gateway.ownRestrictions());
    } catch (RuntimeException unreadable) {
      failed("read the restrictions", unreadable);
    }
    for (String key : keys) {
      try {
        gateway.clearRestriction(key);
      } catch (RuntimeException refused) {
        failed("clear " + key, refused);
      }
    }
  }

  /** The agent sets none; one that is there would outlive it on some phones and ask for accounts that nobody has. */
  private void clearResetProtection() {
    try {
      if (hasResetProtection()) {
        gateway.clearResetProtectionPolicy();
      }
    } catch (RuntimeException refused) {
      failed("clear reset protection", refused);
    }
  }

  private boolean hasResetProtection() {
    return gateway.apiLevel() >= RESET_PROTECTION_SINCE && gateway.hasResetProtectionPolicy();
  }

  private boolean isNothingLeft(Wanted nothing) {
    try {
      return controls.drift(nothing, Collections.<String>emptyList()).isEmpty() && !hasResetProtection();
    } catch (RuntimeException unreadable) {
      failed("read back", unreadable);
      return false;
    }
  }

  private static void failed(String what, RuntimeException why) {
    Log.w("Holdfast", "could not " + what + ": " + why.getClass().getSimpleName());
  }
}
