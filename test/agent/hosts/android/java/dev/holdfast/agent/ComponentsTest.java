package dev.holdfast.agent;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import android.app.Activity;
import android.app.AlarmManager;
import android.app.Notification;
import android.app.NotificationChannel;
import android.app.NotificationManager;
import android.app.admin.DevicePolicyManager;
import android.app.job.JobInfo;
import android.app.job.JobScheduler;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.content.pm.PackageManager;
import android.content.pm.ResolveInfo;
import android.media.AudioManager;
import android.os.Build;
import android.os.Looper;
import android.os.SystemClock;
import dev.holdfast.agent.core.Ports;
import dev.holdfast.agent.device.DevicePorts;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import dev.holdfast.agent.wire.MessageWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.Shadows;
import org.robolectric.annotation.Config;
import org.robolectric.shadows.ShadowAlarmManager;

/** What Android calls, and what it is asked for. */
@RunWith(AgentTestRunner.class)
@Config(sdk = {28, 31, 34, 35}, application = TestApp.class)
public class ComponentsTest {
  private Context context;
  private Ports ports;

  @Before
  public void prepare() {
    TestApp.reset();
    context = RuntimeEnvironment.getApplication();
    // Its agent takes notices down as well: let it come to rest.
    AgentApp.host(context).cable(new byte[0], 20_000);
    ports = DevicePorts.of(context);
  }

  @After
  public void forget() {
    TestApp.reset();
  }

  private static void untilPostures(int more) throws InterruptedException {
    for (int attempt = 0; attempt < 300 && TestApp.POSTURES.size() < more; attempt++) {
      Thread.sleep(20);
    }
    assertTrue("applied " + TestApp.POSTURES.size() + " times", TestApp.POSTURES.size() >= more);
  }

  @Test
  public void everyStartOfThePhoneAndOfTheAppStatesEverythingAgain() throws Exception {
    List<ResolveInfo> found = new ArrayList<>();
    String[] actions = {
      "android.intent.action.LOCKED_BOOT_COMPLETED",
      "android.intent.action.BOOT_COMPLETED",
      "android.intent.action.MY_PACKAGE_REPLACED",
      "android.intent.action.TIME_SET",
      "android.intent.action.TIMEZONE_CHANGED"
    };
    PackageManager packages = context.getPackageManager();
    int flags = PackageManager.MATCH_DIRECT_BOOT_AWARE | PackageManager.MATCH_DIRECT_BOOT_UNAWARE;
    for (String action : actions) {
      List<ResolveInfo> receivers =
          packages.queryBroadcastReceivers(new Intent(action).setPackage(context.getPackageName()), flags);
      assertEquals(action, 1, receivers.size());
      assertTrue(receivers.get(0).activityInfo.directBootAware);
      assertFalse(receivers.get(0).activityInfo.exported);
      found.addAll(receivers);
    }
    untilPostures(1);
    int before = TestApp.POSTURES.size();
    context.sendBroadcast(new Intent(actions[0]).setPackage(context.getPackageName()));
    Shadows.shadowOf(Looper.getMainLooper()).idle();
    untilPostures(before + 1);
  }

  @Test
  public void anAppThatComesLaterIsAMatterOfThePostureToo() throws Exception {
    untilPostures(1);
    int before = TestApp.POSTURES.size();
    context.sendBroadcast(new Intent(Intent.ACTION_PACKAGE_ADDED, android.net.Uri.parse("package:com.example.game")));
    Shadows.shadowOf(Looper.getMainLooper()).idle();
    untilPostures(before + 1);
  }

  @Test
  public void everythingIsThereBeforeTheFirstUnlock() throws Exception {
    int flags =
        PackageManager.GET_PROVIDERS
            | PackageManager.GET_RECEIVERS
            | PackageManager.GET_SERVICES
            | PackageManager.MATCH_DIRECT_BOOT_AWARE
            | PackageManager.MATCH_DIRECT_BOOT_UNAWARE;
    android.content.pm.PackageInfo info =
        context.getPackageManager().getPackageInfo(context.getPackageName(), flags);
    List<android.content.pm.ComponentInfo> all = new ArrayList<>();
    all.addAll(List.of(info.providers));
    all.addAll(List.of(info.services));
    for (android.content.pm.ActivityInfo receiver : info.receivers) {
      if (receiver.name.startsWith("dev.holdfast.agent.") && !receiver.name.contains("Recording")) {
        all.add(receiver);
      }
    }
    assertTrue(all.size() >= 5);
    for (android.content.pm.ComponentInfo component : all) {
      assertTrue(component.name, component.directBootAware);
    }
  }

  @Test
  public void setsOneAlarmThatWaitsForThePhoneOneThatWakesItAndAJobBehindThem() {
    AlarmManager manager = (AlarmManager) context.getSystemService(Context.ALARM_SERVICE);
    ShadowAlarmManager alarms = Shadows.shadowOf(manager);
    for (ShadowAlarmManager.ScheduledAlarm old : new ArrayList<>(alarms.getScheduledAlarms())) {
      manager.cancel(old.operation);
    }
    long now = SystemClock.elapsedRealtime();
    ports.alarms.callAt(now + 300_000, now + 6 * 3_600_000);
    ports.alarms.callAt(now + 400_000, now + 7 * 3_600_000);
    assertEquals("each replaces the one before", 2, alarms.getScheduledAlarms().size());
    for (ShadowAlarmManager.ScheduledAlarm alarm : alarms.getScheduledAlarms()) {
      boolean wakes = alarm.type == AlarmManager.ELAPSED_REALTIME_WAKEUP;
      assertTrue(wakes || alarm.type == AlarmManager.ELAPSED_REALTIME);
      assertEquals(now + (wakes ? 7 * 3_600_000 : 400_000), alarm.triggerAtTime);
      assertEquals(wakes, alarm.allowWhileIdle);
    }
    JobScheduler jobs = (JobScheduler) context.getSystemService(Context.JOB_SCHEDULER_SERVICE);
    assertEquals(1, jobs.getAllPendingJobs().size());
    JobInfo job = jobs.getAllPendingJobs().get(0);
    assertTrue(job.isPersisted());
    assertTrue(job.getMinLatencyMillis() > 7 * 3_600_000);
    ports.alarms.callAt(1, 1);
    assertTrue("never in a circle", alarms.peekNextScheduledAlarm().triggerAtTime >= now + 1000);
    ports.alarms.cancel();
    assertEquals(0, alarms.getScheduledAlarms().size());
    assertEquals(0, jobs.getAllPendingJobs().size());
  }

  @Test
  public void withoutExactAlarmsItSetsOthers() {
    if (Build.VERSION.SDK_INT < 31) {
      return;
    }
    ShadowAlarmManager.setCanScheduleExactAlarms(false);
    long now = SystemClock.elapsedRealtime();
    ports.alarms.callAt(now + 300_000, now + 6 * 3_600_000);
    AlarmManager manager = (AlarmManager) context.getSystemService(Context.ALARM_SERVICE);
    assertEquals(2, Shadows.shadowOf(manager).getScheduledAlarms().size());
    ShadowAlarmManager.setCanScheduleExactAlarms(true);
  }

  @Test
  public void aTelephoneCallCountsAnInternetCallDoesNotAndItsEndIsTold() {
    AudioManager audio = (AudioManager) context.getSystemService(Context.AUDIO_SERVICE);
    assertFalse(ports.calls.mayBeEmergency());
    audio.setMode(AudioManager.MODE_IN_COMMUNICATION);
    assertFalse(ports.calls.mayBeEmergency());
    audio.setMode(AudioManager.MODE_IN_CALL);
    assertTrue(ports.calls.mayBeEmergency());
    int[] told = {0};
    ports.calls.whenOver(() -> told[0]++);
    ports.calls.whenOver(() -> told[0]++);
    Shadows.shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMinutes(5));
    assertEquals(0, told[0]);
    audio.setMode(AudioManager.MODE_NORMAL);
    Shadows.shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(31));
    assertEquals(1, told[0]);
  }

  @Test
  public void noticesAreShownOnceTakenDownAndNotClaimedWhereSwitchedOff() {
    NotificationManager manager = (NotificationManager) context.getSystemService(Context.NOTIFICATION_SERVICE);
    Message screen =
        Message.read(new MessageWriter().text(Fields.Screen.LENDER_NAME, "Banco de Prueba").toBytes());
    Message notice = notice("n-1", "");
    assertTrue(ports.notices.show(notice, screen));
    assertTrue(ports.notices.show(notice, screen));
    assertEquals(1, manager.getActiveNotifications().length);
    Notification shown = manager.getActiveNotifications()[0].getNotification();
    assertEquals("Banco de Prueba", shown.extras.getString(Notification.EXTRA_TITLE));
    assertEquals(context.getString(R.string.notice_lock_warning_plain), shown.extras.getString(Notification.EXTRA_TEXT));
    assertTrue(ports.notices.show(notice("n-2", "Por favor pague"), screen));
    ports.notices.keepOnly(List.of(notice("n-2", "")));
    assertEquals("n-2", manager.getActiveNotifications()[0].getTag());
    assertEquals(1, manager.getActiveNotifications().length);
    manager.cancel("n-2", 1);
    assertTrue(ports.notices.show(notice("n-2", ""), screen));
    assertEquals("what was wiped away stays away", 0, manager.getActiveNotifications().length);
    Shadows.shadowOf(manager).setNotificationsEnabled(false);
    assertFalse(ports.notices.show(notice("n-3", ""), screen));
    Shadows.shadowOf(manager).setNotificationsEnabled(true);
    manager.deleteNotificationChannel("notices");
    manager.createNotificationChannel(new NotificationChannel("notices", "x", NotificationManager.IMPORTANCE_NONE));
    assertFalse(ports.notices.show(notice("n-4", ""), screen));
  }

  private static Message notice(String id, String text) {
    return Message.read(
        new MessageWriter()
            .text(Fields.NoticeToShow.NOTICE_ID, id)
            .number(Fields.NoticeToShow.KIND, Fields.NoticeKind.NOTICE_KIND_LOCK_WARNING)
            .text(Fields.NoticeToShow.TEXT, text)
            .toBytes());
  }

  @Test
  public void aDeviceOwnerAllowsItselfToNotify() {
    if (Build.VERSION.SDK_INT < 33) {
      return;
    }
    DevicePolicyManager policies = (DevicePolicyManager) context.getSystemService(Context.DEVICE_POLICY_SERVICE);
    ComponentName admin = new ComponentName(context, AdminReceiver.class);
    Shadows.shadowOf(policies).setDeviceOwner(admin);
    Shadows.shadowOf((NotificationManager) context.getSystemService(Context.NOTIFICATION_SERVICE))
        .setNotificationsEnabled(false);
    ports.notices.show(notice("n-1", ""), Message.empty());
    assertEquals(
        DevicePolicyManager.PERMISSION_GRANT_STATE_GRANTED,
        policies.getPermissionGrantState(admin, context.getPackageName(), "android.permission.POST_NOTIFICATIONS"));
  }

  @Test
  public void theSetUpWizardIsAnswered() {
    Activity mode = Robolectric.setupActivity(ProvisioningModeActivity.class);
    assertTrue(mode.isFinishing());
    assertEquals(Activity.RESULT_OK, Shadows.shadowOf(mode).getResultCode());
    Intent answer = Shadows.shadowOf(mode).getResultIntent();
    assertTrue(answer.getBooleanExtra(DevicePolicyManager.EXTRA_PROVISIONING_LEAVE_ALL_SYSTEM_APPS_ENABLED, false));
    if (Build.VERSION.SDK_INT >= 31) {
      assertEquals(1, answer.getIntExtra(DevicePolicyManager.EXTRA_PROVISIONING_MODE, 0));
      assertTrue(
          answer.getBooleanExtra(DevicePolicyManager.EXTRA_PROVISIONING_SENSORS_PERMISSION_GRANT_OPT_OUT, false));
    }
    Activity compliance = Robolectric.setupActivity(PolicyComplianceActivity.class);
    assertEquals(Activity.RESULT_OK, Shadows.shadowOf(compliance).getResultCode());
    assertNull(Shadows.shadowOf(compliance).getResultIntent());
  }
}
