package dev.holdfast.agent.posture;

import android.app.admin.DevicePolicyManager;
import android.app.admin.FactoryResetProtectionPolicy;
import android.content.ComponentName;
import android.content.IntentFilter;
import android.os.Bundle;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.Resetter;
import org.robolectric.shadows.ShadowDevicePolicyManager;
import org.robolectric.util.ReflectionHelpers;

/**
 * Adds to Robolectric's what it lets run into nothing: without these, "no exception" would prove nothing. Every method named in
 * {@link #refused} throws, as a platform does that withdrew a power.
 */
@Implements(DevicePolicyManager.class)
public class ShadowPolicy extends ShadowDevicePolicyManager {
  static final Set<String> refused = new HashSet<>();
  static final Set<String> ownRestrictions = new TreeSet<>();
  static boolean statusBarDisabled;
  static FactoryResetProtectionPolicy resetProtection;
  static List<String> userControl = new ArrayList<>();
  static CharSequence lockScreenInfo;
  static boolean userUnlocked = true;

  @Resetter
  public static void reset() {
    ShadowDevicePolicyManager.reset();
    refused.clear();
    ownRestrictions.clear();
    statusBarDisabled = false;
    resetProtection = null;
    userControl = new ArrayList<>();
    lockScreenInfo = null;
    userUnlocked = true;
  }

  private void check(ComponentName admin, String method) {
    if (admin == null || refused.contains(method) || !isDeviceOwnerApp(admin.getPackageName())) throw new SecurityException(method);
  }

  @Implementation
  protected void addUserRestriction(ComponentName admin, String key) {
    check(admin, key);
    super.addUserRestriction(admin, key);
    ownRestrictions.add(key);
  }

  @Implementation
  protected void clearUserRestriction(ComponentName admin, String key) {
    check(admin, key);
    super.clearUserRestriction(admin, key);
    ownRestrictions.remove(key);
  }

  @Implementation
  protected Bundle getUserRestrictions(ComponentName admin) {
    check(admin, "getUserRestrictions");
    Bundle all = new Bundle();
    for (String key : ownRestrictions) all.putBoolean(key, true);
    return all;
  }

  @Implementation(minSdk = 34)
  protected Bundle getUserRestrictionsGlobally() {
    return new Bundle();
  }

  @Implementation
  protected boolean setStatusBarDisabled(ComponentName admin, boolean disabled) {
    check(admin, "setStatusBarDisabled");
    statusBarDisabled = disabled;
    return true;
  }

  @Implementation(minSdk = 34)
  protected boolean isStatusBarDisabled() {
    return statusBarDisabled;
  }

  @Implementation
  protected boolean setKeyguardDisabled(ComponentName admin, boolean disabled) {
    throw new AssertionError("the keyguard is never disabled");
  }

  @Implementation
  protected void wipeData(int flags) {
    throw new AssertionError("nothing is ever wiped");
  }

  @Implementation
  protected void setCameraDisabled(ComponentName admin, boolean disabled) {
    check(admin, "setCameraDisabled");
    super.setCameraDisabled(admin, disabled);
  }

  @Implementation
  protected String[] setPackagesSuspended(ComponentName admin, String[] names, boolean suspended) {
    check(admin, "setPackagesSuspended");
    return super.setPackagesSuspended(admin, names, suspended);
  }

  @Implementation
  protected void setLockTaskPackages(ComponentName admin, String[] names) {
    check(admin, "setLockTaskPackages");
    super.setLockTaskPackages(admin, names);
    // From 34 on features are part of the policy that goes with the last package.
    if (android.os.Build.VERSION.SDK_INT >= 34 && names.length == 0) super.setLockTaskFeatures(admin, 16);
  }

  @Implementation(minSdk = 28)
  protected void setLockTaskFeatures(ComponentName admin, int features) {
    check(admin, "setLockTaskFeatures");
    if (android.os.Build.VERSION.SDK_INT >= 34 && getLockTaskPackages(admin).length == 0) throw new IllegalArgumentException();
    super.setLockTaskFeatures(admin, features);
  }

  @Implementation
  protected void addPersistentPreferredActivity(ComponentName admin, IntentFilter filter, ComponentName activity) {
    check(admin, "addPersistentPreferredActivity");
    super.addPersistentPreferredActivity(admin, filter, activity);
  }

  @Implementation
  protected void setUninstallBlocked(ComponentName admin, String name, boolean blocked) {
    check(admin, "setUninstallBlocked");
    super.setUninstallBlocked(admin, name, blocked);
  }

  @Implementation(minSdk = 30)
  protected void setUserControlDisabledPackages(ComponentName admin, List<String> names) {
    check(admin, "setUserControlDisabledPackages");
    userControl = new ArrayList<>(names);
  }

  @Implementation(minSdk = 30)
  protected List<String> getUserControlDisabledPackages(ComponentName admin) {
    return userControl;
  }

  @Implementation(minSdk = 30)
  protected void setFactoryResetProtectionPolicy(ComponentName admin, FactoryResetProtectionPolicy policy) {
    check(admin, "setFactoryResetProtectionPolicy");
    resetProtection = policy;
  }

  @Implementation(minSdk = 30)
  protected FactoryResetProtectionPolicy getFactoryResetProtectionPolicy(ComponentName admin) {
    return resetProtection;
  }

  @Implementation
  protected void setDeviceOwnerLockScreenInfo(ComponentName admin, CharSequence info) {
    check(admin, "setDeviceOwnerLockScreenInfo");
    lockScreenInfo = info;
  }

  @Implementation
  protected void clearDeviceOwnerApp(String packageName) {
    if (!isDeviceOwnerApp(packageName)) throw new SecurityException();
    if (!userUnlocked) throw new IllegalStateException("User must be running and unlocked");
    ReflectionHelpers.setStaticField(ShadowDevicePolicyManager.class, "deviceOwner", null);
  }
}
