package dev.holdfast.agent;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;

/** The alarm that the engine asked for. Not exported: only the agent's own PendingIntent reaches it. */
public final class AlarmReceiver extends BroadcastReceiver {
  @Override
  public void onReceive(Context context, Intent intent) {
    AgentApp.host(context).tick(new Finish(goAsync()));
  }
}
