package dev.holdfast.agent;

import android.app.admin.DeviceAdminReceiver;
import android.content.Context;
import android.content.Intent;

/** The component that is made device owner: {@code dpm set-device-owner dev.holdfast.agent/.AdminReceiver}. Its name is for ever. */
public final class AdminReceiver extends DeviceAdminReceiver {
  @Override
  public void onEnabled(Context context, Intent intent) {
    AgentApp.host(context).wake(null);
  }

  /** Made device owner from the set-up wizard, on Android 11 and older. */
  @Override
  public void onProfileProvisioningComplete(Context context, Intent intent) {
    AgentApp.host(context).wake(null);
  }
}
