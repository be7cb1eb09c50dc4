package dev.holdfast.agent.posture;

import android.app.admin.DevicePolicyManager;
import java.util.Collections;
import java.util.Set;

/**
 * Which packages may be on the screen while the lock page is pinned, and how much of the system stays. Without KEYGUARD Android takes
 * the emergency call out as well (AOSP LockTaskController: {@code isKeyguardAllowed(userId) && isEmergencyCallTask(task)}). GLOBAL_ACTIONS
 * keeps the power menu with its emergency entry, SYSTEM_INFO clock and battery, HOME the way back to the lock page. Notifications stay
 * unless the posture takes the status bar. Before API 28 there are no features: the power menu stays, the keyguard is not shown, and an
 * emergency call goes through the dialer or the lock page.
 */
final class LockTaskSwitch extends PlatformSwitch {
  private static final int FEATURES_SINCE = 28;

  /** Without these nobody could call for help. */
  static final int EMERGENCY_FEATURES =
      DevicePolicyManager.LOCK_TASK_FEATURE_KEYGUARD | DevicePolicyManager.LOCK_TASK_FEATURE_GLOBAL_ACTIONS;

  private static final int ALWAYS =
      EMERGENCY_FEATURES | DevicePolicyManager.LOCK_TASK_FEATURE_SYSTEM_INFO | DevicePolicyManager.LOCK_TASK_FEATURE_HOME;

  private final PolicyGateway gateway;

  LockTaskSwitch(PolicyGateway gateway) {
    this.gateway = gateway;
  }

  @Override
  void put(boolean restricted, Wanted wanted) {
    if (!restricted) {
      stop();
      return;
    }
    if (!wanted.essential.complete) {
      throw new IllegalStateException("what this phone needs for calls is not known");
    }
    // Features first where that is possible: with packages and without KEYGUARD there would be a moment without emergency call. From API
    // 34 on features hang on packages, and setting them first may be refused; then they follow at once.
    boolean early = gateway.apiLevel() < 34 || !gateway.lockTaskPackages().isEmpty();
    if (early) {
      setFeatures(wanted);
    }
    if (!gateway.lockTaskPackages().equals(wanted.open)) {
      gateway.setLockTaskPackages(wanted.open);
    }
    try {
      setFeatures(wanted);
    } catch (RuntimeException refused) {
      // Rather no lock task than one without emergency call.
      stop();
      throw refused;
    }
  }

  @Override
  boolean isAsWanted(boolean restricted, Wanted wanted) {
    Set<String> packages = gateway.lockTaskPackages();
    if (!restricted) {
      return packages.isEmpty();
    }
    return packages.equals(wanted.open) && (!hasFeatures() || gateway.lockTaskFeatures() == features(wanted));
  }

  /** Off, features are what they are without a device owner's word: GLOBAL_ACTIONS, or none. */
  @Override
  boolean isSettled(boolean restricted, Wanted wanted) {
    return isAsWanted(restricted, wanted) && (restricted || !hasFeatures() || isDefault(gateway.lockTaskFeatures()));
  }

  private void setFeatures(Wanted wanted) {
    if (hasFeatures() && gateway.lockTaskFeatures() != features(wanted)) {
      gateway.setLockTaskFeatures(features(wanted));
    }
  }

  /**
   * Ends a running lock task: a list without any real package first, as AOSP's DeviceLock does, then none. Features last; from API 34 on
   * they go with the packages, and a call for them may be refused, which {@link #bring} survives.
   */
  private void stop() {
    if (!gateway.lockTaskPackages().isEmpty()) {
      gateway.setLockTaskPackages(Collections.singleton(""));
      gateway.setLockTaskPackages(Collections.<String>emptySet());
    }
    if (hasFeatures() && !isDefault(gateway.lockTaskFeatures())) {
      gateway.setLockTaskFeatures(DevicePolicyManager.LOCK_TASK_FEATURE_NONE);
    }
  }

  private static boolean isDefault(int features) {
    return features == DevicePolicyManager.LOCK_TASK_FEATURE_NONE || features == DevicePolicyManager.LOCK_TASK_FEATURE_GLOBAL_ACTIONS;
  }

  private boolean hasFeatures() {
    return gateway.apiLevel() >= FEATURES_SINCE;
  }

  private static int features(Wanted wanted) {
    return wanted.restricts(Controls.STATUS_BAR) ? ALWAYS : ALWAYS | DevicePolicyManager.LOCK_TASK_FEATURE_NOTIFICATIONS;
  }
}
