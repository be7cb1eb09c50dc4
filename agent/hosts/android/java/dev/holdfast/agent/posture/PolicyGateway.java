package dev.holdfast.agent.posture;

import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Every call to the platform that the posture and the facts make; one method, one call. Apart from Android so that the rules above it
 * can be tried against a platform that fails wherever a test wants it to. Any method may throw a RuntimeException: a SecurityException
 * when ownership is gone, an IllegalStateException before the first unlock, whatever a vendor's build does instead. Callers contain it.
 */
interface PolicyGateway {
  /** Build.VERSION.SDK_INT. */
  int apiLevel();

  /** SystemClock.elapsedRealtime(): milliseconds since boot, sleep included. */
  long elapsedMs();

  String ownPackage();

  // Ownership.

  boolean isDeviceOwner();

  /** DevicePolicyManager.clearDeviceOwnerApp: only after everything else was given back, and only while the user is unlocked. */
  void clearDeviceOwner();

  // User restrictions.

  /** Restrictions that the agent itself set. Android gives a device owner some by itself; they count as its own. */
  Set<String> ownRestrictions();

  /** UserManager.hasUserRestriction: whoever set it. */
  boolean isRestricted(String key);

  void addRestriction(String key);

  /** Clears what the agent set; what somebody else set stays. */
  void clearRestriction(String key);

  // Apps.

  /** Packages with an icon in a launcher, hidden ones too. */
  Set<String> launchableApps();

  /** Packages that answer as gallery, hidden ones too. */
  Set<String> galleryApps();

  /** True if it is there and not hidden. */
  boolean isInstalled(String packageName);

  /** Part of the system image, updated or not. */
  boolean isSystemApp(String packageName);

  /** Suspended by anybody. */
  boolean isSuspended(String packageName);

  /** @return the packages that the platform refused. */
  Collection<String> setSuspended(Collection<String> packageNames, boolean suspended);

  boolean isHidden(String packageName);

  boolean setHidden(String packageName, boolean hidden);

  // Camera, status bar.

  boolean isCameraDisabled();

  void setCameraDisabled(boolean disabled);

  /** API 34. */
  boolean isStatusBarDisabled();

  /** @return false if the platform did not do it. */
  boolean setStatusBarDisabled(boolean disabled);

  // Lock task and HOME.

  Set<String> lockTaskPackages();

  void setLockTaskPackages(Collection<String> packageNames);

  /** API 28. LOCK_TASK_FEATURE_* of DevicePolicyManager. */
  int lockTaskFeatures();

  /** API 28. */
  void setLockTaskFeatures(int features);

  /** True if HOME leads to the lock page. */
  boolean isLockPageHome();

  void makeLockPageHome();

  void giveHomeBack();

  // The agent itself.

  boolean isUninstallBlocked();

  void setUninstallBlocked(boolean blocked);

  /** API 30. */
  List<String> userControlDisabledPackages();

  /** API 30. */
  void setUserControlDisabledPackages(List<String> packageNames);

  /** API 30. False, too, where the phone has no such policy. */
  boolean hasResetProtectionPolicy();

  /** API 30. */
  void clearResetProtectionPolicy();

  // Who manages this phone and why. A null text takes it back.

  void setOrganizationName(String name);

  void setShortSupportMessage(String message);

  void setLongSupportMessage(String message);

  void setLockScreenInfo(String text);

  // What the phone needs.

  /** Packages with an activity for it, from the system image only. */
  Set<String> systemActivities(String action);

  /** Packages with a receiver for it, from the system image only. */
  Set<String> systemReceivers(String action);

  /** Packages with a service for it, from the system image only. */
  Set<String> systemServices(String action);

  /** Every launcher, the user's own choice too; the agent itself while its lock page is one. */
  Set<String> launchers();

  /** Null without one. */
  String defaultDialer();

  /** The dialer of the system image; API 29, null before. */
  String systemDialer();

  /** Null without one. */
  String defaultSmsApp();

  Collection<String> enabledInputMethods();

  Collection<String> enabledAccessibilityServices();

  // Facts.

  /** Lets the agent read IMEIs and serial number: Android asks a device owner for READ_PHONE_STATE as well. */
  void grantReadPhoneState();

  /** Makes the permission the user's again. */
  void ungrantReadPhoneState();

  int modemCount();

  /** Null or empty if it has none. */
  String imei(int slot);

  String serial();

  /** Ids of the subscriptions of the SIMs that are in: Android gives each SIM a number of its own on this phone. */
  Collection<Integer> subscriptionIds();
}
