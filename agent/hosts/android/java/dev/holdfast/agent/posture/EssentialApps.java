package dev.holdfast.agent.posture;

import android.util.Log;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What this phone needs for calls, messages, typing, settings and alerts, asked of the platform each time: a new dialer is a new
 * essential app. Only the system image can make itself essential by answering an intent; a choice of the user counts where Android
 * has a setting for it (dialer, messages, keyboard, accessibility).
 */
final class EssentialApps {
  /** EssentialRole of proto/holdfast/v1/host.proto. */
  static final int DIALER = 1;

  static final int SMS = 2;
  static final int INPUT_METHOD = 3;
  static final int SETTINGS = 4;
  static final int CELL_BROADCAST = 5;
  static final int SYSTEM = 6;

  /** Cell broadcast receivers by name: some listen to intents of their own. The last ones are vendors'. */
  private static final List<String> CELL_BROADCAST_NAMES =
      Arrays.asList(
          "com.android.cellbroadcastreceiver",
          "com.android.cellbroadcastreceiver.module",
          "com.google.android.cellbroadcastreceiver",
          "com.google.android.cellbroadcastservice",
          "com.android.cellbroadcastservice",
          "com.mediatek.cellbroadcastreceiver",
          "com.samsung.android.cellbroadcastreceiver",
          "com.oppo.cellbroadcastreceiver");

  /** Telephony, the emergency dialer, the network's dialogs and its SIM toolkit. */
  private static final List<String> SYSTEM_NAMES =
      Arrays.asList("com.android.phone", "com.android.server.telecom", "com.android.emergency", "com.android.stk");

  /** What was found. */
  static final class Found {
    static final Found NOTHING = new Found();

    /** Same index: role and package. A package has the first role that it was found for. */
    final List<Integer> roles = new ArrayList<Integer>();

    final List<String> packages = new ArrayList<String>();

    /** Never suspended, but no business of lock task: launchers and the system's own screens. */
    final Set<String> untouchable = new TreeSet<String>();

    /** False if a question failed: then nothing more may be taken from the borrower. */
    boolean complete = true;

    Collection<String> packages() {
      return packages;
    }

    Collection<String> packagesOf(int role) {
      List<String> found = new ArrayList<String>();
      for (int index = 0; index < packages.size(); index++) {
        if (roles.get(index) == role) {
          found.add(packages.get(index));
        }
      }
      return found;
    }
  }

  private final PolicyGateway gateway;

  EssentialApps(PolicyGateway gateway) {
    this.gateway = gateway;
  }

  /** Roles in the order of their weight: the engine takes a limited number of packages. */
  Found find() {
    Found found = new Found();
    for (int role = DIALER; role <= SYSTEM; role++) {
      try {
        for (String each : ofRole(role)) {
          if (each != null && !found.packages.contains(each)) {
            found.roles.add(role);
            found.packages.add(each);
          }
        }
      } catch (RuntimeException unknown) {
        incomplete(found, unknown);
      }
    }
    try {
      found.untouchable.addAll(gateway.launchers());
      found.untouchable.addAll(presentOnes(Arrays.asList("com.android.systemui", "android")));
    } catch (RuntimeException unknown) {
      incomplete(found, unknown);
    }
    return found;
  }

  private Collection<String> ofRole(int role) {
    Set<String> found = new LinkedHashSet<String>();
    switch (role) {
      case DIALER:
        return Arrays.asList(gateway.defaultDialer(), gateway.systemDialer());
      case SMS:
        return Collections.singleton(gateway.defaultSmsApp());
      case INPUT_METHOD:
        return gateway.enabledInputMethods();
      case SETTINGS:
        found.addAll(gateway.systemActivities("android.settings.SETTINGS"));
        found.addAll(gateway.systemActivities("android.settings.WIFI_SETTINGS"));
        found.addAll(gateway.systemActivities("android.settings.ACCESSIBILITY_SETTINGS"));
        return found;
      case CELL_BROADCAST:
        found.addAll(presentOnes(CELL_BROADCAST_NAMES));
        found.addAll(gateway.systemReceivers("android.provider.Telephony.SMS_CB_RECEIVED"));
        found.addAll(gateway.systemReceivers("android.provider.action.SMS_EMERGENCY_CB_RECEIVED"));
        return found;
      default:
        found.addAll(presentOnes(SYSTEM_NAMES));
        found.addAll(gateway.systemActivities("com.android.phone.EmergencyDialer.DIAL"));
        found.addAll(gateway.systemActivities("android.telephony.action.EMERGENCY_ASSISTANCE"));
        // The call screen is not always the dialer's own.
        found.addAll(gateway.systemServices("android.telecom.InCallService"));
        // The permission controller asks in its own window; the login page of a Wi-Fi is the way to the internet.
        found.addAll(gateway.systemActivities("android.content.pm.action.REQUEST_PERMISSIONS"));
        found.addAll(gateway.systemActivities("android.net.conn.CAPTIVE_PORTAL"));
        found.addAll(gateway.enabledAccessibilityServices());
        return found;
    }
  }

  private List<String> presentOnes(List<String> names) {
    List<String> present = new ArrayList<String>();
    for (String name : names) {
      if (name != null && gateway.isInstalled(name)) {
        present.add(name);
      }
    }
    return present;
  }

  private static void incomplete(Found found, RuntimeException why) {
    found.complete = false;
    Log.w("Holdfast", "not every essential app is known: " + why.getClass().getSimpleName());
  }
}
