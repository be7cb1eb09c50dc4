package dev.holdfast.agent.screens;

import android.app.Notification;
import android.app.NotificationChannel;
import android.app.NotificationManager;
import android.app.PendingIntent;
import android.content.Context;
import android.content.Intent;
import android.service.notification.StatusBarNotification;
import dev.holdfast.agent.R;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import java.util.Collection;

/** Puts notices into the notification shade, and says honestly whether they got there. */
public final class NoticePoster {
  static final String CHANNEL = "notices";
  private static final int ID = 1;

  private NoticePoster() {}

  /**
   * Posts a notice, or posts it again without a sound.
   *
   * @param notice holdfast.v1.NoticeToShow.
   * @param screen holdfast.v1.Screen, for the words if the notice has none.
   * @return whether the person can see it: false if notifications or the channel are switched off.
   */
  public static boolean post(Context context, Message notice, Message screen) {
    try {
      NotificationManager manager = (NotificationManager) context.getSystemService(Context.NOTIFICATION_SERVICE);
      Context spoken = Language.in(context, screen.texts(Fields.Screen.LANGUAGES));
      NotificationChannel channel =
          new NotificationChannel(CHANNEL, spoken.getString(R.string.notices_channel), NotificationManager.IMPORTANCE_HIGH);
      manager.createNotificationChannel(channel);
      NotificationChannel asLeft = manager.getNotificationChannel(CHANNEL);
      if (!manager.areNotificationsEnabled() || asLeft == null || asLeft.getImportance() == NotificationManager.IMPORTANCE_NONE) {
        return false;
      }
      manager.notify(notice.text(Fields.NoticeToShow.NOTICE_ID), ID, notification(spoken, notice, screen));
      return true;
    } catch (RuntimeException notShown) {
      return false;
    }
  }

  /** Takes down every notice of ours that is not among these. */
  public static void keepOnly(Context context, Collection<String> noticeIds) {
    try {
      NotificationManager manager = (NotificationManager) context.getSystemService(Context.NOTIFICATION_SERVICE);
      for (StatusBarNotification shown : manager.getActiveNotifications()) {
        if (shown.getId() == ID && shown.getTag() != null && !noticeIds.contains(shown.getTag())) {
          manager.cancel(shown.getTag(), ID);
        }
      }
    } catch (RuntimeException stays) {
      // It is taken down the next time.
    }
  }

  private static Notification notification(Context context, Message notice, Message screen) {
    String text = new Words(context, new Figures(context)).notice(notice, screen);
    Intent open = new Intent(context, LockActivity.class).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK);
    PendingIntent tap = PendingIntent.getActivity(context, 0, open, PendingIntent.FLAG_UPDATE_CURRENT | PendingIntent.FLAG_IMMUTABLE);
    String lender = screen.text(Fields.Screen.LENDER_NAME);
    return new Notification.Builder(context, CHANNEL)
        .setSmallIcon(R.drawable.ic_agent)
        .setContentTitle(lender.isEmpty() ? context.getString(R.string.notices_heading) : lender)
        .setContentText(text)
        .setStyle(new Notification.BigTextStyle().bigText(text))
        .setContentIntent(tap)
        .setCategory(Notification.CATEGORY_REMINDER)
        // What somebody owes is not for whoever picks up the phone.
        .setVisibility(Notification.VISIBILITY_PRIVATE)
        .setOnlyAlertOnce(true)
        .build();
  }
}
