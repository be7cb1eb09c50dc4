package dev.holdfast.agent.posture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Every control of agent/policy/posture.ts and what it is on Android. POSTURE.md says what each can and cannot do; a test holds the names
 * here, there and in the policy to one another. Restrictions are named by their text: a constant newer than the phone is only a text.
 */
final class Controls {
  static final String OTHER_APPS = "otherApps";
  static final String GALLERY = "cameraAndGallery";
  static final String STATUS_BAR = "statusBar";
  static final String LOCK_TASK = "lockTask";
  static final String OUTGOING_CALLS = "outgoingCalls";

  /** Controls that hold apps. */
  static final List<String> APP_CONTROLS = Collections.unmodifiableList(Arrays.asList(OTHER_APPS, GALLERY));

  private final PolicyGateway gateway;
  private final HeldApps held;
  private final List<Control> table;

  Controls(PolicyGateway gateway, HeldApps held) {
    this.gateway = gateway;
    this.held = held;
    this.table = Collections.unmodifiableList(rows());
  }

  /** In the order in which they are restricted. Debugging comes last: whatever fails before it can still be looked at by cable. */
  private List<Control> rows() {
    return Arrays.asList(
        Control.never("emergencyCall", staysOpen(EssentialApps.SYSTEM), new EmergencySwitch(gateway)),
        Control.never("incomingCalls", staysOpen(EssentialApps.DIALER), restriction("no_adjust_volume")),
        Control.never("supportLine", staysOpen(EssentialApps.DIALER)),
        Control.never("payApp", new StaysOpenSwitch(gateway, held, StaysOpenSwitch.OPEN_BY_POSTURE)),
        Control.never(
            "internet",
            staysOpen(EssentialApps.SETTINGS),
            restriction("no_config_wifi"),
            restriction("no_config_mobile_networks"),
            restriction("no_data_roaming"),
            restriction("no_network_reset"),
            since(33, restriction("no_change_wifi_state")),
            since(33, restriction("no_add_wifi_config"))),
        Control.never(
            "messagesAndAlerts",
            staysOpen(EssentialApps.SMS),
            staysOpen(EssentialApps.CELL_BROADCAST),
            restriction("no_sms"),
            restriction("no_config_cell_broadcasts")),
        Control.never("dateAndTime", restriction("no_config_date_time")),
        Control.of("uninstallAgent", new UninstallSwitch(gateway), since(30, new UserControlSwitch(gateway))),
        Control.of(
            "addUser",
            restriction("no_add_user"),
            restriction("no_add_managed_profile"),
            since(28, restriction("no_user_switch")),
            since(34, restriction("no_grant_admin")),
            since(35, restriction("no_add_private_profile"))),
        Control.of("safeMode", restriction("no_safe_boot")),
        Control.of("factoryReset", restriction("no_factory_reset")),
        Control.of("outgoingCalls", restriction("no_outgoing_calls")),
        Control.of("cameraAndGallery", new CameraSwitch(gateway), new AppsSwitch(gateway, held, GALLERY)),
        Control.of("otherApps", new AppsSwitch(gateway, held, OTHER_APPS)),
        Control.of("settings", restriction("no_control_apps"), since(34, restriction("disallow_config_default_apps"))),
        Control.of("statusBar", new StatusBarSwitch(gateway)),
        Control.of("lockTask", new HomeSwitch(gateway), new LockTaskSwitch(gateway)),
        Control.of("debugging", restriction("no_debugging_features")));
  }

  /** Opens first what should be open, then restricts: in doubt a phone dies on the open side. */
  void bring(Wanted wanted) {
    for (Control control : table) {
      if (!control.isWantedRestricted(wanted)) {
        control.bring(wanted);
      }
    }
    for (Control control : table) {
      if (control.isWantedRestricted(wanted)) {
        control.bring(wanted);
      }
    }
  }

  /** Names of the controls that do not hold as asked. A name that nobody here knows holds nothing, and is among them. */
  List<String> drift(Wanted wanted, Iterable<String> asked) {
    List<String> drift = new ArrayList<String>();
    List<String> known = new ArrayList<String>();
    for (Control control : table) {
      known.add(control.name);
      if (!control.holds(wanted)) {
        drift.add(control.name);
      }
    }
    for (String name : asked) {
      if (!known.contains(name) && !drift.contains(name)) {
        drift.add(name);
      }
    }
    return drift;
  }

  /** The one row of that name. */
  Control named(String name) {
    for (Control control : table) {
      if (control.name.equals(name)) {
        return control;
      }
    }
    throw new IllegalArgumentException(name);
  }

  private PlatformSwitch restriction(String key) {
    return new UserRestriction(gateway, key);
  }

  private PlatformSwitch staysOpen(int role) {
    return new StaysOpenSwitch(gateway, held, role);
  }

  /** A part that older phones do not have and the control can do without. */
  private PlatformSwitch since(int apiLevel, PlatformSwitch part) {
    return gateway.apiLevel() >= apiLevel ? part : NoSwitch.INSTANCE;
  }
}
