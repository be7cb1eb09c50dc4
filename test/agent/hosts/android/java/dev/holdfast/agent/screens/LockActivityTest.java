package dev.holdfast.agent.screens;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertTrue;

import android.app.ActivityManager;
import android.app.Application;
import android.app.admin.DevicePolicyManager;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.os.Build;
import android.os.Bundle;
import android.os.Looper;
import android.provider.Settings;
import android.view.View;
import android.widget.TextView;
import dev.holdfast.agent.AdminReceiver;
import dev.holdfast.agent.R;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import java.time.Duration;
import java.util.List;
import org.junit.After;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.Shadows;
import org.robolectric.android.controller.ActivityController;
import org.robolectric.annotation.Config;

/** What the one activity shows and where its presses go. */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = {28, 31, 34, 35})
public final class LockActivityTest {
  private ActivityController<LockActivity> controller;

  private LockActivity open() {
    controller = Robolectric.buildActivity(LockActivity.class).setup();
    return controller.get();
  }

  @After
  public void close() {
    if (controller != null) {
      controller.pause().stop().destroy();
    }
    Screens.install(new FakeActions());
  }

  private static Intent started() {
    return Shadows.shadowOf((Application) RuntimeEnvironment.getApplication()).getNextStartedActivity();
  }

  private static String text(LockActivity activity, int id) {
    return ((TextView) activity.findViewById(id)).getText().toString();
  }

  private static void press(LockActivity activity, int id) {
    View button = activity.findViewById(id);
    assertNotNull("no such button on the page", button);
    assertTrue(button.performClick());
  }

  private static String everything(LockActivity activity) {
    StringBuilder said = new StringBuilder();
    for (View view : Canvases.views(activity.findViewById(R.id.page))) {
      if (view instanceof TextView words) {
        said.append(words.getText()).append('\n');
      }
    }
    return said.toString();
  }

  @Test
  public void saysWhyInTheAgreedWords() {
    FakeActions.installed(Samples.FULL);
    String said = everything(open());
    assertTrue(said, said.contains("This device is locked due to an overdue installment payment."));
    assertTrue(said, said.contains("Acme Credit"));
    assertTrue(said, said.contains("1,250.50"));
    assertTrue(said, said.contains("May 11, 2026"));
    assertTrue(said, said.contains("M-Pesa > Pay Bill > 400200 > AC-2041-77"));
  }

  @Test
  public void everyStateHasTheEmergencyCall() {
    for (Samples sample : Samples.values()) {
      FakeActions fake = FakeActions.installed(sample);
      fake.broken = sample == Samples.BROKEN;
      LockActivity activity = open();
      press(activity, R.id.emergency);
      assertEquals(sample.name(), Phone.EMERGENCY_DIALER, started().getAction());
      assertEquals(View.VISIBLE, activity.findViewById(R.id.emergency).getVisibility());
      controller.pause().stop().destroy();
    }
    controller = null;
  }

  @Test
  public void withoutAnEmergencyDialerTheOrdinaryOneOpens() throws Exception {
    FakeActions.installed(Samples.CODE_WAITING);
    Shadows.shadowOf((Application) RuntimeEnvironment.getApplication()).checkActivities(true);
    ComponentName dialer = new ComponentName("com.example.dialer", "Dialer");
    Shadows.shadowOf(RuntimeEnvironment.getApplication().getPackageManager()).addActivityIfNotPresent(dialer);
    android.content.IntentFilter dial = new android.content.IntentFilter(Intent.ACTION_DIAL);
    dial.addCategory(Intent.CATEGORY_DEFAULT);
    Shadows.shadowOf(RuntimeEnvironment.getApplication().getPackageManager()).addIntentFilterForActivity(dialer, dial);
    press(open(), R.id.emergency);
    assertEquals(Intent.ACTION_DIAL, started().getAction());
  }

  @Test
  public void buttonsGoWhereTheySay() {
    FakeActions fake = FakeActions.installed(Samples.FULL);
    LockActivity activity = open();
    fake.asked.clear();

    press(activity, R.id.support);
    Intent call = started();
    assertEquals(Intent.ACTION_DIAL, call.getAction());
    assertEquals("tel:" + Samples.SUPPORT_PHONE, android.net.Uri.decode(call.getDataString()));

    press(activity, R.id.pay);
    Intent pay = started();
    assertEquals(Intent.ACTION_VIEW, pay.getAction());
    assertEquals(Samples.PAY_URL, pay.getDataString());

    press(activity, R.id.wifi);
    assertEquals(Build.VERSION.SDK_INT >= 29 ? Settings.Panel.ACTION_WIFI : Settings.ACTION_WIFI_SETTINGS, started().getAction());

    press(activity, R.id.check);
    assertEquals(List.of("check"), fake.asked);
    assertEquals(activity.getString(R.string.checking), text(activity, R.id.answer));
    assertEquals(View.ACCESSIBILITY_LIVE_REGION_POLITE, activity.findViewById(R.id.answer).getAccessibilityLiveRegion());
  }

  @Test
  public void onlyHttpsIsOpened() {
    assertFalse(Phone.isPage("http://pay.example.com"));
    assertFalse(Phone.isPage("intent://evil"));
    assertTrue(Phone.isPage(Samples.PAY_URL));
  }

  @Test
  public void aCodeIsPassedOnAndItsAnswerShown() {
    FakeActions fake = FakeActions.installed(Samples.FULL);
    LockActivity activity = open();
    press(activity, R.id.code);
    assertTrue(everything(activity).contains("1234 5678"));
    ((TextView) activity.findViewById(R.id.code_field)).setText("1234 5678");
    fake.refusal = "WRONG_CODE";
    press(activity, R.id.code_send);
    assertTrue(fake.asked.contains("code 1234 5678"));
    assertEquals(activity.getString(R.string.refused_wrong_code), text(activity, R.id.answer));
    assertEquals("what was typed stays", "1234 5678", text(activity, R.id.code_field));
    fake.refusal = "";
    press(activity, R.id.code_send);
    assertEquals(activity.getString(R.string.code_accepted), text(activity, R.id.answer));
    assertNull("back on the first page", activity.findViewById(R.id.code_field));
  }

  @Test
  public void whileCodesWaitTheFieldStaysForAReleaseCode() {
    FakeActions.installed(Samples.CODE_WAITING);
    LockActivity activity = open();
    press(activity, R.id.code);
    assertTrue(everything(activity).contains("9 minutes"));
    assertTrue(activity.findViewById(R.id.code_field).isEnabled());
    assertNotNull(activity.findViewById(R.id.emergency));
  }

  @Test
  public void aPassAndADisputeAreConfirmedFirst() {
    FakeActions fake = FakeActions.installed(Samples.FULL);
    LockActivity activity = open();
    press(activity, R.id.pass);
    assertTrue(everything(activity).contains("2 passes"));
    assertFalse(fake.asked.contains("pass"));
    press(activity, R.id.pass_confirm);
    assertTrue(fake.asked.contains("pass"));
    press(activity, R.id.dispute);
    assertFalse(fake.asked.contains("dispute"));
    fake.refusal = "ONCE_A_PERIOD";
    press(activity, R.id.dispute_confirm);
    assertTrue(fake.asked.contains("dispute"));
    assertEquals(activity.getString(R.string.refused_once_a_period), text(activity, R.id.answer));
  }

  @Test
  public void theLogShowsEveryDecisionAndTheRecordIsSaved() {
    FakeActions fake = FakeActions.installed(Samples.UNLOCKED);
    fake.decisions = Samples.everyDecision();
    LockActivity activity = open();
    press(activity, R.id.export);
    assertTrue(fake.asked.contains("export holdfast-record.bin"));
    assertTrue(text(activity, R.id.answer).contains("holdfast-record.bin"));
    press(activity, R.id.log);
    String said = everything(activity);
    assertFalse("a decision without words", said.contains(activity.getString(R.string.decision_other)));
    assertTrue(said.indexOf("No. 21") < said.indexOf("No. 20"));
  }

  @Test
  @SuppressWarnings("deprecation")
  public void backLeavesNoFullyLockedPage() {
    FakeActions fake = FakeActions.installed(Samples.FULL);
    LockActivity activity = open();
    activity.onBackPressed();
    assertFalse(activity.isFinishing());
    press(activity, R.id.rules);
    activity.onBackPressed();
    assertNotNull("back on the first page", activity.findViewById(R.id.pay));
    fake.say(Samples.LIMITED.screen());
    activity.onBackPressed();
    assertTrue(activity.isFinishing());
  }

  @Test
  public void lockTaskFollowsTheScreenIfThePostureAllowsIt() {
    Context context = RuntimeEnvironment.getApplication();
    ActivityManager manager = (ActivityManager) context.getSystemService(Context.ACTIVITY_SERVICE);
    FakeActions fake = FakeActions.installed(Samples.FULL);
    LockActivity activity = open();
    assertEquals("not without leave", ActivityManager.LOCK_TASK_MODE_NONE, manager.getLockTaskModeState());

    DevicePolicyManager policies = (DevicePolicyManager) context.getSystemService(Context.DEVICE_POLICY_SERVICE);
    ComponentName admin = new ComponentName(context, AdminReceiver.class);
    Shadows.shadowOf(policies).setDeviceOwner(admin);
    policies.setLockTaskPackages(admin, new String[] {context.getPackageName()});
    activity.screenChanged();
    assertEquals(ActivityManager.LOCK_TASK_MODE_LOCKED, manager.getLockTaskModeState());

    fake.say(Message.empty());
    assertEquals("unknown is no reason to open", ActivityManager.LOCK_TASK_MODE_LOCKED, manager.getLockTaskModeState());
    fake.say(Samples.UNLOCKED.screen());
    assertEquals(ActivityManager.LOCK_TASK_MODE_NONE, manager.getLockTaskModeState());
  }

  @Test
  public void aLockedPageRefreshesEvery30SecondsAndNoOther() {
    FakeActions fake = FakeActions.installed(Samples.CODE_WAITING);
    LockActivity activity = open();
    press(activity, R.id.code);
    assertTrue(everything(activity).contains("9 minutes"));
    View before = activity.findViewById(R.id.page);
    Shadows.shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(LockActivity.REFRESH_MS - 1));
    assertSame("a page that reads the same stays", before, activity.findViewById(R.id.page));
    Shadows.shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMinutes(2));
    assertTrue(everything(activity).contains("7 minutes"));

    fake.say(Samples.UNLOCKED.screen());
    Shadows.shadowOf(Looper.getMainLooper()).idle();
    assertEquals("nothing is waited for", Duration.ZERO, Shadows.shadowOf(Looper.getMainLooper()).getNextScheduledTaskTime());
  }

  @Test
  public void aPersonIsPresentWhileThePageIsInFocus() {
    FakeActions fake = FakeActions.installed(Samples.GRACE);
    open();
    controller.windowFocusChanged(true);
    controller.windowFocusChanged(false);
    controller.windowFocusChanged(true);
    controller.pause();
    assertEquals(List.of("present true", "present false", "present true", "present false"), fake.asked);
    assertEquals("only the clock of Screens still watches", 1, fake.watchers.size());
    controller.resume();
  }

  @Test
  public void theScreenIsFollowedAsItChanges() {
    FakeActions fake = FakeActions.installed(Samples.FULL);
    LockActivity activity = open();
    assertEquals("This phone is locked", text(activity, R.id.title));
    fake.say(Samples.RELEASED.screen());
    assertEquals("This phone is all yours", text(activity, R.id.title));
    assertEquals("This phone is all yours", activity.getTitle().toString());
  }

  @Test
  public void theLockDateCountsFromWhenTheWarningWasSaid() {
    Message warning = Samples.LIMITED.screen().messages(Fields.Screen.WARNINGS).get(0);
    Words words = new Words(RuntimeEnvironment.getApplication(), new Figures(RuntimeEnvironment.getApplication()));
    long hour = 3_600_000;
    String atOnce = words.warning(warning, Samples.NOW_SECONDS * 1000, 0);
    assertEquals("the date does not wander", atOnce, words.warning(warning, Samples.NOW_SECONDS * 1000 + hour, hour));
    assertTrue(atOnce, atOnce.contains("May 22, 2026"));
  }

  @Test
  public void aTurnedPhoneKeepsThePageAndWhatWasTyped() {
    FakeActions.installed(Samples.FULL);
    LockActivity activity = open();
    press(activity, R.id.code);
    ((TextView) activity.findViewById(R.id.code_field)).setText("9876");
    Bundle saved = new Bundle();
    controller.saveInstanceState(saved).pause().stop().destroy();
    controller = Robolectric.buildActivity(LockActivity.class).setup(saved);
    assertEquals("9876", text(controller.get(), R.id.code_field));
  }

  @Test
  public void emergencyComesRightAfterTheTitle() {
    FakeActions.installed(Samples.FULL);
    LockActivity activity = open();
    View emergency = activity.findViewById(R.id.emergency);
    assertEquals(R.id.title, emergency.getAccessibilityTraversalAfter());
    assertTrue(emergency.isFocusedByDefault());
    assertEquals(R.id.pay, emergency.getNextFocusForwardId());
    assertEquals(R.id.emergency, activity.findViewById(R.id.pay).getAccessibilityTraversalAfter());
    assertTrue(activity.findViewById(R.id.title).isAccessibilityHeading());
  }

  @Test
  public void beforeTheAgentIsThereItStillCallsForHelp() {
    Screens.install(new FakeActions());
    LockActivity activity = open();
    assertEquals("Starting", text(activity, R.id.title));
    press(activity, R.id.emergency);
    assertEquals(Phone.EMERGENCY_DIALER, started().getAction());
  }
}
