package dev.holdfast.agent.posture;

import android.util.Log;

/**
 * One thing of the platform that restricts or does not: a user restriction, the camera, lock task. Knows how to put itself where it is
 * wanted and how to read itself back. Whatever the platform throws ends here, so that one refusal never stops the next switch.
 */
abstract class PlatformSwitch {
  private static final String TAG = "Holdfast";

  /** Puts the switch there. May throw. */
  abstract void put(boolean restricted, Wanted wanted);

  /** Whether the switch is as wanted, asked of the platform. May throw. */
  abstract boolean isAsWanted(boolean restricted, Wanted wanted);

  /** Whether nothing needs to be done. Stricter than {@link #isAsWanted} where that may hold for somebody else's reasons. */
  boolean isSettled(boolean restricted, Wanted wanted) {
    return isAsWanted(restricted, wanted);
  }

  /** Touches the platform only if the switch is not there yet, or if that cannot be told. */
  final void bring(boolean restricted, Wanted wanted) {
    try {
      if (isSettled(restricted, wanted)) {
        return;
      }
    } catch (RuntimeException unreadable) {
      failed("read", unreadable);
    }
    try {
      put(restricted, wanted);
    } catch (RuntimeException refused) {
      failed("set", refused);
    }
  }

  /** What cannot be read does not hold. */
  final boolean holds(boolean restricted, Wanted wanted) {
    try {
      return isAsWanted(restricted, wanted);
    } catch (RuntimeException unreadable) {
      failed("read back", unreadable);
      return false;
    }
  }

  /** Names the switch in the log. */
  @Override
  public String toString() {
    return getClass().getSimpleName();
  }

  private void failed(String what, RuntimeException why) {
    Log.w(TAG, "could not " + what + " " + this + ": " + why.getClass().getSimpleName());
  }
}
