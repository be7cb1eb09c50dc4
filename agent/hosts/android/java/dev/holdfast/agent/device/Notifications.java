package dev.holdfast.agent.device;

import android.app.NotificationManager;
import android.app.admin.DevicePolicyManager;
import android.content.ComponentName;
import android.content.Context;
import android.os.Build;
import dev.holdfast.agent.core.NoticeBoard;
import dev.holdfast.agent.screens.NoticePoster;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Notices in the status bar. One that the borrower wiped away is not put up again by the same process. */
final class Notifications implements NoticeBoard {
  private final Context context;
  private final ComponentName admin;
  private final Set<String> posted = new HashSet<String>();

  Notifications(Context context, ComponentName admin) {
    this.context = context;
    this.admin = admin;
  }

  @Override
  public boolean show(Message notice, Message screen) {
    String id = notice.text(Fields.NoticeToShow.NOTICE_ID);
    if (posted.contains(id)) {
      return true;
    }
    allow();
    boolean isShown = NoticePoster.post(context, notice, screen);
    if (isShown) {
      posted.add(id);
    }
    return isShown;
  }

  @Override
  public void keepOnly(List<Message> notices) {
    Set<String> kept = new HashSet<String>();
    for (Message notice : notices) {
      kept.add(notice.text(Fields.NoticeToShow.NOTICE_ID));
    }
    NoticePoster.keepOnly(context, kept);
    posted.retainAll(kept);
  }

  /** From Android 13 on an app asks before it shows any. The device owner may give itself this one permission. */
  private void allow() {
    NotificationManager manager = (NotificationManager) context.getSystemService(Context.NOTIFICATION_SERVICE);
    if (Build.VERSION.SDK_INT < 33 || manager.areNotificationsEnabled()) {
      return;
    }
    DevicePolicyManager policies = (DevicePolicyManager) context.getSystemService(Context.DEVICE_POLICY_SERVICE);
    String permission = "android.permission.POST_NOTIFICATIONS";
    int granted = DevicePolicyManager.PERMISSION_GRANT_STATE_GRANTED;
    try {
      if (policies.getPermissionGrantState(admin, context.getPackageName(), permission) != granted) {
        policies.setPermissionGrantState(admin, context.getPackageName(), permission, granted);
      }
    } catch (SecurityException notOwner) {
      // Then the borrower has the last word.
    }
  }
}
