package dev.holdfast.agent.device;

import android.os.Handler;
import android.os.Looper;
import dev.holdfast.agent.core.Delay;
import dev.holdfast.agent.core.KeepAwake;

/** The main thread's queue, under the agent's wake lock: the queue's clock stands still while the phone sleeps. */
final class HandlerDelay implements Delay {
  private final Handler main = new Handler(Looper.getMainLooper());
  private final KeepAwake awake;

  HandlerDelay(KeepAwake awake) {
    this.awake = awake;
  }

  @Override
  public void after(long millis, final Runnable told) {
    awake.begin();
    main.postDelayed(
        new Runnable() {
          @Override
          public void run() {
            try {
              told.run();
            } finally {
              awake.end();
            }
          }
        },
        millis);
  }
}
