package dev.holdfast.agent;

import android.content.BroadcastReceiver.PendingResult;
import android.os.Handler;
import android.os.Looper;

/**
 * Ends a broadcast when its event was handled, or before Android loses patience with it: the event goes on all the same, its processor
 * is kept awake elsewhere.
 */
final class Finish implements Runnable {
  private static final long PATIENCE_MILLIS = 8_000;

  private final PendingResult broadcast;
  private boolean isFinished;

  /** @param broadcast null where there is none, as in tests that call a receiver by hand. */
  Finish(PendingResult broadcast) {
    this.broadcast = broadcast;
    new Handler(Looper.getMainLooper()).postDelayed(this, PATIENCE_MILLIS);
  }

  @Override
  public synchronized void run() {
    if (!isFinished && broadcast != null) {
      broadcast.finish();
    }
    isFinished = true;
  }
}
