package dev.holdfast.agent.device;

import android.content.Context;
import android.media.AudioManager;
import android.os.Handler;
import android.os.Looper;
import dev.holdfast.agent.core.CallState;

/**
 * Whether the phone is in a telephone call. Which number it is to, only apps of the system may know
 * (TelecomManager.isInEmergencyCall and TelephonyCallback's emergency callbacks ask for permissions that a device owner cannot have),
 * and whether there is one takes READ_PHONE_STATE from Android 12 on. The audio mode says it without any: MODE_IN_CALL can be set by
 * the system alone (AudioService.setMode asks for MODIFY_PHONE_STATE). So each telephone call counts as one that may be an emergency:
 * nothing is locked in the middle of it.
 */
final class TelephoneCalls implements CallState, Runnable {
  private static final long LOOK_AGAIN_MILLIS = 30_000;

  private final AudioManager audio;
  private final Handler main = new Handler(Looper.getMainLooper());
  private Runnable toTell;

  TelephoneCalls(Context context) {
    audio = (AudioManager) context.getSystemService(Context.AUDIO_SERVICE);
  }

  @Override
  public boolean mayBeEmergency() {
    return audio.getMode() == AudioManager.MODE_IN_CALL;
  }

  /** Looks again while the call lasts. A processor that sleeps is not woken for it. */
  @Override
  public synchronized void whenOver(Runnable told) {
    if (toTell == null) {
      main.postDelayed(this, LOOK_AGAIN_MILLIS);
    }
    toTell = told;
  }

  @Override
  public void run() {
    Runnable told;
    synchronized (this) {
      if (mayBeEmergency()) {
        main.postDelayed(this, LOOK_AGAIN_MILLIS);
        return;
      }
      told = toTell;
      toTell = null;
    }
    told.run();
  }
}
