package dev.holdfast.agent;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;

/**
 * Boot, locked and unlocked; this app replaced; time or zone set; exact alarms allowed: everything is stated and applied again. None of
 * it says anything to the engine but that it happened: the wall clock is not an input. Not exported: only the system reaches it.
 */
public final class BootReceiver extends BroadcastReceiver {
  @Override
  public void onReceive(Context context, Intent intent) {
    AgentApp.host(context).wake(new Finish(goAsync()));
  }
}
