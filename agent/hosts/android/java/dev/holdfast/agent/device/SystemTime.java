package dev.holdfast.agent.device;

import android.content.Context;
import android.os.SystemClock;
import android.provider.Settings;
import dev.holdfast.agent.core.Clock;

/** Powered-on time as Android counts it: no setting of the clock moves it. */
final class SystemTime implements Clock {
  private final Context context;

  SystemTime(Context context) {
    this.context = context;
  }

  @Override
  public long elapsedMillis() {
    return SystemClock.elapsedRealtime();
  }

  /** Global settings can be changed by the device owner and the shell; a smaller number than before is the engine's to judge. */
  @Override
  public long bootCount() {
    return Settings.Global.getInt(context.getContentResolver(), Settings.Global.BOOT_COUNT, 0);
  }
}
