package dev.holdfast.agent.screens;

import android.app.Activity;
import android.app.ActivityManager;
import android.app.admin.DevicePolicyManager;
import android.content.Context;
import android.os.Build;
import android.view.WindowManager;

/** Keeps a fully locked phone on the agent's page, as far as the posture permits it, and no other. */
final class LockTask {
  private LockTask() {}

  /** @param full whether nobody should leave the page. */
  static void follow(Activity activity, boolean full) {
    try {
      int state = ((ActivityManager) activity.getSystemService(Context.ACTIVITY_SERVICE)).getLockTaskModeState();
      if (full && state == ActivityManager.LOCK_TASK_MODE_NONE && isPermitted(activity)) {
        activity.startLockTask();
      }
      if (!full && state == ActivityManager.LOCK_TASK_MODE_LOCKED) {
        activity.stopLockTask();
      }
    } catch (RuntimeException notNow) {
      // Not in front, or not permitted any more: the next refresh asks again, and the posture reports the drift.
    }
  }

  /** Without the device owner's leave it would ask the person to pin the screen, and hold nothing. */
  private static boolean isPermitted(Activity activity) {
    DevicePolicyManager policies = (DevicePolicyManager) activity.getSystemService(Context.DEVICE_POLICY_SERVICE);
    return policies != null && policies.isLockTaskPermitted(activity.getPackageName());
  }

  /** A locked page needs no unlocking of the phone to be read and acted on. */
  @SuppressWarnings("deprecation")
  static void showAboveKeyguard(Activity activity, boolean locked) {
    if (Build.VERSION.SDK_INT >= 27) {
      activity.setShowWhenLocked(locked);
    } else if (locked) {
      activity.getWindow().addFlags(WindowManager.LayoutParams.FLAG_SHOW_WHEN_LOCKED);
    } else {
      activity.getWindow().clearFlags(WindowManager.LayoutParams.FLAG_SHOW_WHEN_LOCKED);
    }
  }
}
