package dev.holdfast.agent.device;

import android.util.Log;
import dev.holdfast.agent.core.Journal;

/** Logcat. */
final class SystemLog implements Journal {
  @Override
  public void say(String what, String detail) {
    Log.i("Holdfast", detail.isEmpty() ? what : what + ": " + detail);
  }
}
