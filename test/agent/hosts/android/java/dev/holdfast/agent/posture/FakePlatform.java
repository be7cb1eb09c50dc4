package dev.holdfast.agent.posture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A phone as the rules of the posture see it, with the traps of the real one: what others set stays when the owner clears, suspending is
 * refused for what the platform needs, lock task features hang on packages from API 34 on, clearing the owner clears nothing else.
 */
final class FakePlatform implements PolicyGateway {
  static final String AGENT = "dev.holdfast.agent";
  static final String DIALER = "com.android.dialer";
  static final String SMS = "com.android.messaging";
  static final String KEYBOARD = "com.android.inputmethod.latin";
  static final String SETTINGS = "com.android.settings";
  static final String ALERTS = "com.android.cellbroadcastreceiver.module";
  static final String PHONE = "com.android.phone";
  static final String LAUNCHER = "com.android.launcher3";
  static final String GALLERY = "com.android.gallery3d";
  static final String PAY = "example.lender.pay";
  static final String GAME = "com.example.game";
  static final String CHAT = "com.example.chat";
  static final String ADMIN_APP = "com.example.adminapp";

  int apiLevel;
  long elapsedMs;
  boolean owner = true;
  boolean unlocked = true;

  final Set<String> own = new TreeSet<>();
  final Set<String> others = new TreeSet<>();
  final Set<String> installed = new TreeSet<>();
  final Set<String> system = new TreeSet<>();
  final Set<String> launchable = new TreeSet<>();
  final Set<String> galleries = new TreeSet<>(Set.of(GALLERY));
  final Set<String> suspended = new TreeSet<>();
  final Set<String> suspendedByOthers = new TreeSet<>();
  final Set<String> unsuspendable = new TreeSet<>();
  final Set<String> hidden = new TreeSet<>();
  final Set<String> lockTask = new TreeSet<>();
  int features = 16;
  boolean camera;
  boolean statusBar;
  boolean home;
  boolean uninstallBlocked;
  boolean resetProtection;
  List<String> userControl = new ArrayList<>();
  final TreeMap<String, String> words = new TreeMap<>();
  boolean phoneStateGranted;
  String dialer = DIALER;
  String sms = SMS;
  List<String> imeis = List.of("490154203237518", "356938035643809");
  List<Integer> subscriptions = List.of(1);
  final Set<String> accessibility = new TreeSet<>();

  FakePlatform(int apiLevel) {
    this.apiLevel = apiLevel;
    List<String> preinstalled = List.of(DIALER, SMS, KEYBOARD, SETTINGS, ALERTS, PHONE, LAUNCHER, GALLERY);
    system.addAll(preinstalled);
    installed.addAll(preinstalled);
    installed.addAll(List.of(AGENT, PAY, GAME, CHAT, ADMIN_APP));
    launchable.addAll(List.of(AGENT, DIALER, SMS, SETTINGS, GALLERY, PAY, GAME, CHAT, ADMIN_APP));
    unsuspendable.addAll(List.of(DIALER, LAUNCHER, AGENT, ADMIN_APP));
    // What Android gives a new device owner.
    own.add("no_add_managed_profile");
  }

  /** Everything that lasts, for comparison. */
  String state() {
    return String.join(
        "\n",
        "own=" + own,
        "suspended=" + suspended,
        "hidden=" + hidden,
        "lockTask=" + lockTask + " " + (lockTask.isEmpty() ? "" : features),
        "camera=" + camera + " statusBar=" + statusBar + " home=" + home,
        "uninstall=" + uninstallBlocked + " control=" + userControl,
        "frp=" + resetProtection + " words=" + words + " granted=" + phoneStateGranted + " owner=" + owner);
  }

  private void mustOwn() {
    if (!owner) throw new SecurityException("not the owner");
  }

  @Override public int apiLevel() { return apiLevel; }
  @Override public long elapsedMs() { return elapsedMs; }
  @Override public String ownPackage() { return AGENT; }
  @Override public boolean isDeviceOwner() { return owner; }

  @Override public void clearDeviceOwner() {
    mustOwn();
    if (!unlocked) throw new IllegalStateException("user must be running and unlocked");
    owner = false;
  }

  @Override public Set<String> ownRestrictions() { mustOwn(); return new TreeSet<>(own); }
  @Override public boolean isRestricted(String key) { return own.contains(key) || others.contains(key); }
  @Override public void addRestriction(String key) { mustOwn(); own.add(key); }
  @Override public void clearRestriction(String key) { mustOwn(); own.remove(key); }

  @Override public Set<String> launchableApps() { return present(launchable); }
  @Override public Set<String> galleryApps() { return present(galleries); }

  private Set<String> present(Set<String> all) {
    Set<String> found = new TreeSet<>(all);
    found.retainAll(installed);
    return found;
  }

  @Override public boolean isInstalled(String name) { return installed.contains(name) && !hidden.contains(name); }
  @Override public boolean isSystemApp(String name) { return system.contains(name); }
  @Override public boolean isSuspended(String name) { return suspended.contains(name) || suspendedByOthers.contains(name); }

  @Override public Collection<String> setSuspended(Collection<String> names, boolean on) {
    mustOwn();
    Set<String> refused = new TreeSet<>();
    for (String name : names) {
      if (!isInstalled(name) || unsuspendable.contains(name)) refused.add(name);
      else if (on) suspended.add(name);
      else suspended.remove(name);
    }
    return refused;
  }

  @Override public boolean isHidden(String name) { mustOwn(); return hidden.contains(name); }

  @Override public boolean setHidden(String name, boolean on) {
    mustOwn();
    if (!installed.contains(name)) return false;
    return on ? hidden.add(name) : hidden.remove(name);
  }

  @Override public boolean isCameraDisabled() { return camera; }
  @Override public void setCameraDisabled(boolean disabled) { mustOwn(); camera = disabled; }

  @Override public boolean isStatusBarDisabled() {
    if (apiLevel < 34) throw new NoSuchMethodError("isStatusBarDisabled");
    return statusBar;
  }

  @Override public boolean setStatusBarDisabled(boolean disabled) { mustOwn(); statusBar = disabled; return true; }
  @Override public Set<String> lockTaskPackages() { mustOwn(); return new TreeSet<>(lockTask); }

  @Override public void setLockTaskPackages(Collection<String> names) {
    mustOwn();
    lockTask.clear();
    lockTask.addAll(names);
    if (names.isEmpty() && apiLevel >= 34) features = 16;
  }

  @Override public int lockTaskFeatures() {
    if (apiLevel < 28) throw new NoSuchMethodError("getLockTaskFeatures");
    mustOwn();
    return features;
  }

  @Override public void setLockTaskFeatures(int wanted) {
    if (apiLevel < 28) throw new NoSuchMethodError("setLockTaskFeatures");
    mustOwn();
    if (apiLevel >= 34 && lockTask.isEmpty()) throw new IllegalArgumentException("no lock task packages");
    if ((wanted & 4) == 0 && (wanted & 2) != 0) throw new IllegalArgumentException("NOTIFICATIONS need HOME");
    features = wanted;
  }

  @Override public boolean isLockPageHome() { return home; }
  @Override public void makeLockPageHome() { mustOwn(); home = true; }
  @Override public void giveHomeBack() { mustOwn(); home = false; }
  @Override public boolean isUninstallBlocked() { return uninstallBlocked; }
  @Override public void setUninstallBlocked(boolean blocked) { mustOwn(); uninstallBlocked = blocked; }

  @Override public List<String> userControlDisabledPackages() {
    if (apiLevel < 30) throw new NoSuchMethodError("getUserControlDisabledPackages");
    return new ArrayList<>(userControl);
  }

  @Override public void setUserControlDisabledPackages(List<String> names) { mustOwn(); userControl = new ArrayList<>(names); }

  @Override public boolean hasResetProtectionPolicy() {
    if (apiLevel < 30) throw new NoSuchMethodError("getFactoryResetProtectionPolicy");
    return resetProtection;
  }

  @Override public void clearResetProtectionPolicy() { mustOwn(); resetProtection = false; }
  @Override public void setOrganizationName(String name) { say("organization", name); }
  @Override public void setShortSupportMessage(String message) { say("short", message); }
  @Override public void setLongSupportMessage(String message) { say("long", message); }
  @Override public void setLockScreenInfo(String text) { say("lockScreen", text); }

  private void say(String what, String text) {
    mustOwn();
    if (text == null) words.remove(what);
    else words.put(what, text);
  }

  @Override public Set<String> systemActivities(String action) {
    return action.startsWith("android.settings.") ? new TreeSet<>(Set.of(SETTINGS)) : new TreeSet<>();
  }

  @Override public Set<String> systemReceivers(String action) { return new TreeSet<>(); }
  @Override public Set<String> systemServices(String action) { return new TreeSet<>(); }
  @Override public Set<String> launchers() { return new TreeSet<>(Set.of(LAUNCHER)); }
  @Override public String defaultDialer() { return dialer; }
  @Override public String systemDialer() { return apiLevel < 29 ? null : DIALER; }
  @Override public String defaultSmsApp() { return sms; }
  @Override public Collection<String> enabledInputMethods() { return Collections.singleton(KEYBOARD); }
  @Override public Collection<String> enabledAccessibilityServices() { return accessibility; }
  @Override public void grantReadPhoneState() { mustOwn(); phoneStateGranted = true; }
  @Override public void ungrantReadPhoneState() { mustOwn(); phoneStateGranted = false; }
  @Override public int modemCount() { return imeis.size(); }

  @Override public String imei(int slot) {
    if (!phoneStateGranted) throw new SecurityException("READ_PHONE_STATE");
    return imeis.get(slot);
  }

  @Override public String serial() {
    if (!phoneStateGranted) throw new SecurityException("READ_PHONE_STATE");
    return "R58M12ABCDE";
  }

  @Override public Collection<Integer> subscriptionIds() {
    if (!phoneStateGranted) throw new SecurityException("READ_PHONE_STATE");
    return subscriptions;
  }

  /** The columns of agent/policy/posture.ts, sealed. */
  static final List<String> FINANCED = List.of("factoryReset", "safeMode", "debugging", "addUser", "uninstallAgent");

  static List<String> limited() {
    List<String> all = new ArrayList<>(FINANCED);
    all.addAll(Arrays.asList("cameraAndGallery", "otherApps"));
    return all;
  }

  static List<String> full() {
    List<String> all = limited();
    all.addAll(Arrays.asList("outgoingCalls", "lockTask", "settings", "statusBar"));
    return all;
  }
}
