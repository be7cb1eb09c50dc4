package dev.holdfast.agent.device;

import android.app.Notification;
import android.app.NotificationChannel;
import android.app.NotificationManager;
import android.app.PendingIntent;
import android.app.admin.DevicePolicyManager;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.os.Build;
import android.service.notification.StatusBarNotification;
import dev.holdfast.agent.R;
import dev.holdfast.agent.core.NoticeBoard;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Notices in the status bar. One that the borrower wiped away is not put up again by the same process. */
final class Notifications implements NoticeBoard {
  static final String CHANNEL = "notices";
  private static final int ID = 1;

  private final Context context;
  private final ComponentName admin;
  private final NotificationManager manager;
  private final Set<String> posted = new HashSet<String>();

  Notifications(Context context, ComponentName admin) {
    this.context = context;
    this.admin = admin;
    manager = (NotificationManager) context.getSystemService(Context.NOTIFICATION_SERVICE);
  }

  @Override
  public boolean show(Message notice, Message screen) {
    allow();
    manager.createNotificationChannel(
        new NotificationChannel(CHANNEL, context.getString(R.string.notices_channel), NotificationManager.IMPORTANCE_HIGH));
    // Read back: the borrower may have switched the channel off, and that stands.
    boolean isOff =
        !manager.areNotificationsEnabled()
            || manager.getNotificationChannel(CHANNEL).getImportance() == NotificationManager.IMPORTANCE_NONE;
    String id = notice.text(Fields.NoticeToShow.NOTICE_ID);
    if (isOff || !posted.add(id)) {
      return !isOff;
    }
    String lender = screen.text(Fields.Screen.LENDER_NAME);
    String given = notice.text(Fields.NoticeToShow.TEXT);
    String text = given.isEmpty() ? context.getString(wordsFor((int) notice.number(Fields.NoticeToShow.KIND))) : given;
    Notification.Builder builder =
        new Notification.Builder(context, CHANNEL)
            .setSmallIcon(R.drawable.ic_agent)
            .setContentTitle(lender.isEmpty() ? context.getString(R.string.app_name) : lender)
            .setContentText(text)
            .setStyle(new Notification.BigTextStyle().bigText(text))
            .setVisibility(Notification.VISIBILITY_PRIVATE)
            .setOnlyAlertOnce(true);
    Intent page = context.getPackageManager().getLaunchIntentForPackage(context.getPackageName());
    if (page != null) {
      builder.setContentIntent(PendingIntent.getActivity(context, 0, page, PendingIntent.FLAG_IMMUTABLE));
    }
    manager.notify(id, ID, builder.build());
    return true;
  }

  @Override
  public void keepOnly(List<Message> notices) {
    Set<String> kept = new HashSet<String>();
    for (Message notice : notices) {
      kept.add(notice.text(Fields.NoticeToShow.NOTICE_ID));
    }
    for (StatusBarNotification shown : manager.getActiveNotifications()) {
      if (shown.getId() == ID && !kept.contains(shown.getTag())) {
        manager.cancel(shown.getTag(), ID);
      }
    }
    posted.retainAll(kept);
  }

  /** From Android 13 on an app asks before it shows any. The device owner may give itself this one permission. */
  private void allow() {
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

  private static int wordsFor(int kind) {
    switch (kind) {
      case Fields.NoticeKind.NOTICE_KIND_DUE_SOON:
        return R.string.notice_due_soon;
      case Fields.NoticeKind.NOTICE_KIND_OVERDUE:
        return R.string.notice_overdue;
      case Fields.NoticeKind.NOTICE_KIND_LOCK_WARNING:
        return R.string.notice_lock_warning;
      case Fields.NoticeKind.NOTICE_KIND_OFFLINE_WARNING:
        return R.string.notice_offline_warning;
      default:
        return R.string.notice_information;
    }
  }
}
