package dev.holdfast.agent.device;

import android.content.Context;
import android.os.PowerManager;
import dev.holdfast.agent.core.KeepAwake;

/** A partial wake lock while an event is handled or a check-in is under way; never longer than a minute at a time. */
final class Wakefulness implements KeepAwake {
  private static final long AT_MOST_MILLIS = 60_000;

  private final PowerManager.WakeLock lock;
  private int count;

  Wakefulness(Context context) {
    PowerManager power = (PowerManager) context.getSystemService(Context.POWER_SERVICE);
    lock = power.newWakeLock(PowerManager.PARTIAL_WAKE_LOCK, "holdfast:event");
    lock.setReferenceCounted(false);
  }

  @Override
  public synchronized void begin() {
    count++;
    lock.acquire(AT_MOST_MILLIS);
  }

  @Override
  public synchronized void end() {
    count--;
    if (count == 0 && lock.isHeld()) {
      lock.release();
    }
  }
}
