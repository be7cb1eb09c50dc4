package dev.holdfast.agent.store;

import android.app.admin.DevicePolicyManager;
import android.content.ComponentName;
import android.content.Context;
import android.os.Bundle;
import android.os.UserManager;
import android.util.Base64;
import java.util.Arrays;

/**
 * A note that the device owner leaves with the system: a managed configuration ("application restriction") of the agent itself. The
 * system keeps it as /data/system/users/0/res_PACKAGE.xml, written by an AtomicFile before the call returns. It outlives the agent's folder
 * being deleted, damaged or put back. It does not outlive a factory reset or the agent's removal, and whoever is root can change it as
 * well as the ledger.
 */
public final class OwnersNote implements TwoPlaces.Outside {
  private static final String KEY = "anchor";

  private final Context context;
  private final ComponentName admin;

  public OwnersNote(Context context, ComponentName admin) {
    this.context = context;
    this.admin = admin;
  }

  @Override
  public byte[] read() {
    try {
      Bundle notes = note();
      String text = notes == null ? null : notes.getString(KEY);
      return text == null ? new byte[0] : Base64.decode(text, Base64.NO_WRAP);
    } catch (RuntimeException unreachable) {
      return new byte[0];
    }
  }

  @Override
  public boolean write(byte[] bytes) {
    Bundle notes = new Bundle();
    notes.putString(KEY, Base64.encodeToString(bytes, Base64.NO_WRAP));
    try {
      policies().setApplicationRestrictions(admin, context.getPackageName(), notes);
      // Read back: UserManagerService.writeApplicationRestrictionsLAr keeps a full disk to itself.
      return Arrays.equals(read(), bytes);
    } catch (RuntimeException notOwner) {
      return false;
    }
  }

  /** The device owner's own view; once ownership is gone, what is left of it for the app. */
  private Bundle note() {
    if (policies().isDeviceOwnerApp(context.getPackageName())) {
      return policies().getApplicationRestrictions(admin, context.getPackageName());
    }
    UserManager users = (UserManager) context.getSystemService(Context.USER_SERVICE);
    return users.getApplicationRestrictions(context.getPackageName());
  }

  private DevicePolicyManager policies() {
    return (DevicePolicyManager) context.getSystemService(Context.DEVICE_POLICY_SERVICE);
  }
}
