package dev.holdfast.agent;

import android.app.Activity;
import android.app.admin.DevicePolicyManager;
import android.content.Intent;
import android.os.Build;
import android.os.Bundle;

/**
 * The set-up wizard asks, after a QR code, what the phone is to become (Android 10 and newer): a phone with a device owner. Every app
 * of the system stays, and the owner does not get to grant location, camera or microphone.
 */
public final class ProvisioningModeActivity extends Activity {
  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    Intent answer = new Intent();
    if (Build.VERSION.SDK_INT >= 29) {
      answer.putExtra(
          DevicePolicyManager.EXTRA_PROVISIONING_MODE, DevicePolicyManager.PROVISIONING_MODE_FULLY_MANAGED_DEVICE);
    }
    answer.putExtra(DevicePolicyManager.EXTRA_PROVISIONING_LEAVE_ALL_SYSTEM_APPS_ENABLED, true);
    if (Build.VERSION.SDK_INT >= 31) {
      answer.putExtra(DevicePolicyManager.EXTRA_PROVISIONING_SENSORS_PERMISSION_GRANT_OPT_OUT, true);
    }
    setResult(RESULT_OK, answer);
    finish();
  }
}
