package dev.holdfast.agent.posture;

import android.Manifest;
import android.app.admin.DevicePolicyManager;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.content.pm.PackageManager;
import android.os.Bundle;
import android.os.UserManager;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The real platform: what is set. What is only asked is in {@link AndroidHandset}. */
final class AndroidPolicyGateway extends AndroidHandset {
  /** Made device owner under this name (see README.md). */
  private static final String ADMIN = "dev.holdfast.agent.AdminReceiver";

  /** The page that is HOME under lock task. Named, not referenced: this package knows no screens. */
  static final String LOCK_PAGE = "dev.holdfast.agent.LockedHome";

  private final DevicePolicyManager policy;
  private final UserManager users;
  private final ComponentName admin;
  private final ComponentName lockPage;

  AndroidPolicyGateway(Context context) {
    super(context);
    policy = (DevicePolicyManager) context.getSystemService(Context.DEVICE_POLICY_SERVICE);
    users = (UserManager) context.getSystemService(Context.USER_SERVICE);
    admin = new ComponentName(context.getPackageName(), ADMIN);
    lockPage = new ComponentName(context.getPackageName(), LOCK_PAGE);
  }

  @Override
  public boolean isDeviceOwner() {
    return policy.isDeviceOwnerApp(ownPackage());
  }

  @Override
  @SuppressWarnings("deprecation")
  public void clearDeviceOwner() {
    // Deprecated for apps that should rather wipe. It is the only way to give a phone back as it is.
    policy.clearDeviceOwnerApp(ownPackage());
  }

  @Override
  public Set<String> ownRestrictions() {
    Set<String> own = new TreeSet<String>();
    addTrue(policy.getUserRestrictions(admin), own);
    if (apiLevel() >= 34) {
      // Since then some builds list what holds for the whole device apart.
      addTrue(policy.getUserRestrictionsGlobally(), own);
    }
    return own;
  }

  private static void addTrue(Bundle restrictions, Set<String> into) {
    if (restrictions == null) {
      return;
    }
    for (String key : restrictions.keySet()) {
      if (restrictions.getBoolean(key)) {
        into.add(key);
      }
    }
  }

  @Override
  public boolean isRestricted(String key) {
    return users.hasUserRestriction(key);
  }

  @Override
  public void addRestriction(String key) {
    policy.addUserRestriction(admin, key);
  }

  @Override
  public void clearRestriction(String key) {
    policy.clearUserRestriction(admin, key);
  }

  @Override
  public boolean isSuspended(String packageName) {
    try {
      return policy.isPackageSuspended(admin, packageName);
    } catch (PackageManager.NameNotFoundException gone) {
      return false;
    }
  }

  @Override
  public Collection<String> setSuspended(Collection<String> packageNames, boolean suspended) {
    return Arrays.asList(policy.setPackagesSuspended(admin, packageNames.toArray(new String[0]), suspended));
  }

  @Override
  public boolean isHidden(String packageName) {
    return policy.isApplicationHidden(admin, packageName);
  }

  @Override
  public boolean setHidden(String packageName, boolean hidden) {
    return policy.setApplicationHidden(admin, packageName, hidden);
  }

  @Override
  public boolean isCameraDisabled() {
    return policy.getCameraDisabled(admin);
  }

  @Override
  public void setCameraDisabled(boolean disabled) {
    policy.setCameraDisabled(admin, disabled);
  }

  @Override
  public boolean isStatusBarDisabled() {
    return policy.isStatusBarDisabled();
  }

  @Override
  public boolean setStatusBarDisabled(boolean disabled) {
    return policy.setStatusBarDisabled(admin, disabled);
  }

  @Override
  public Set<String> lockTaskPackages() {
    return new TreeSet<String>(Arrays.asList(policy.getLockTaskPackages(admin)));
  }

  @Override
  public void setLockTaskPackages(Collection<String> packageNames) {
    policy.setLockTaskPackages(admin, packageNames.toArray(new String[0]));
  }

  @Override
  public int lockTaskFeatures() {
    return policy.getLockTaskFeatures(admin);
  }

  @Override
  public void setLockTaskFeatures(int features) {
    policy.setLockTaskFeatures(admin, features);
  }

  @Override
  public boolean isLockPageHome() {
    return lockPage.equals(currentHome());
  }

  /** The page may be disabled in the manifest, so that nobody is offered it as a launcher while nothing is locked. */
  @Override
  public void makeLockPageHome() {
    enableLockPage(PackageManager.COMPONENT_ENABLED_STATE_ENABLED);
    IntentFilter home = new IntentFilter(Intent.ACTION_MAIN);
    home.addCategory(Intent.CATEGORY_HOME);
    home.addCategory(Intent.CATEGORY_DEFAULT);
    policy.addPersistentPreferredActivity(admin, home, lockPage);
  }

  @Override
  public void giveHomeBack() {
    policy.clearPackagePersistentPreferredActivities(admin, ownPackage());
    enableLockPage(PackageManager.COMPONENT_ENABLED_STATE_DEFAULT);
  }

  private void enableLockPage(int state) {
    packages.setComponentEnabledSetting(lockPage, state, PackageManager.DONT_KILL_APP);
  }

  @Override
  public boolean isUninstallBlocked() {
    return policy.isUninstallBlocked(admin, ownPackage());
  }

  @Override
  public void setUninstallBlocked(boolean blocked) {
    policy.setUninstallBlocked(admin, ownPackage(), blocked);
  }

  @Override
  public List<String> userControlDisabledPackages() {
    return policy.getUserControlDisabledPackages(admin);
  }

  @Override
  public void setUserControlDisabledPackages(List<String> packageNames) {
    policy.setUserControlDisabledPackages(admin, packageNames);
  }

  @Override
  public boolean hasResetProtectionPolicy() {
    try {
      return policy.getFactoryResetProtectionPolicy(admin) != null;
    } catch (UnsupportedOperationException noSuchThing) {
      return false;
    }
  }

  @Override
  public void clearResetProtectionPolicy() {
    policy.setFactoryResetProtectionPolicy(admin, null);
  }

  @Override
  public void setOrganizationName(String name) {
    policy.setOrganizationName(admin, name);
  }

  @Override
  public void setShortSupportMessage(String message) {
    policy.setShortSupportMessage(admin, message);
  }

  @Override
  public void setLongSupportMessage(String message) {
    policy.setLongSupportMessage(admin, message);
  }

  @Override
  public void setLockScreenInfo(String text) {
    policy.setDeviceOwnerLockScreenInfo(admin, text);
  }

  @Override
  public void grantReadPhoneState() {
    setPhoneStateGrant(DevicePolicyManager.PERMISSION_GRANT_STATE_GRANTED);
  }

  @Override
  public void ungrantReadPhoneState() {
    setPhoneStateGrant(DevicePolicyManager.PERMISSION_GRANT_STATE_DEFAULT);
  }

  private void setPhoneStateGrant(int state) {
    if (policy.getPermissionGrantState(admin, ownPackage(), Manifest.permission.READ_PHONE_STATE) != state) {
      policy.setPermissionGrantState(admin, ownPackage(), Manifest.permission.READ_PHONE_STATE, state);
    }
  }
}
