package dev.holdfast.agent;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.app.Application;
import android.app.admin.DevicePolicyManager;
import android.content.ComponentName;
import android.content.Intent;
import android.os.Looper;
import android.os.UserManager;
import android.provider.Settings;
import android.telecom.TelecomManager;
import android.telephony.TelephonyManager;
import dev.holdfast.agent.core.BorrowerActions;
import dev.holdfast.agent.posture.ShadowPolicy;
import dev.holdfast.agent.screens.LockActivity;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import dev.holdfast.agent.wire.MessageWriter;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.After;
import org.junit.AfterClass;
import org.junit.Before;
import org.junit.BeforeClass;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;
import org.robolectric.shadows.ShadowSystemClock;

/** A whole contract on the real app: the shipped engine and bundle, Android's own classes for every switch, a lender with real keys. */
@RunWith(AgentTestRunner.class)
@Config(sdk = {28, 31, 34, 35}, application = TestApp.class, shadows = ShadowPolicy.class)
public class JourneyTest {
  private static final long DAY_SECONDS = 24 * 3600;
  private static StandIn lender;
  private Application first;
  private TestApp app;
  private int boots = 1;

  @BeforeClass
  public static void begin() {
    lender = new StandIn();
  }

  @AfterClass
  public static void end() {
    lender.close();
  }

  @Before
  public void aNewPhone() {
    TestApp.reset();
    ShadowPolicy.reset();
    TestApp.lender = lender;
    TestApp.hasSwitches = true;
    first = RuntimeEnvironment.getApplication();
    ComponentName admin = new ComponentName(first, AdminReceiver.class);
    DevicePolicyManager policies = first.getSystemService(DevicePolicyManager.class);
    shadowOf(policies).setActiveAdmin(admin);
    shadowOf(policies).setDeviceOwner(admin);
    TelephonyManager telephony = first.getSystemService(TelephonyManager.class);
    shadowOf(telephony).setPhoneCount(2);
    if (android.os.Build.VERSION.SDK_INT >= 30) {
      shadowOf(telephony).setActiveModemCount(2);
    }
    shadowOf(telephony).setImei(0, "866907051234564");
    shadowOf(telephony).setImei(1, "866907051234648");
    shadowOf(first.getSystemService(TelecomManager.class)).setDefaultDialerPackage("com.android.dialer");
    start();
  }

  @After
  public void forget() {
    TestApp.reset();
  }

  /** The process that was there comes to rest, and one starts over what is stored. */
  private void start() {
    hello(app == null ? (TestApp) first : app);
    app = TestApp.restarted(first);
    app.onCreate();
    identity();
  }

  /** Waits for everything before it, too: one thread handles all events. */
  private Message identity() {
    return hello(app);
  }

  private static Message hello(TestApp process) {
    MessageWriter hello = new MessageWriter().bytes(Fields.Hello.CHALLENGE, new byte[16]);
    byte[] request = new MessageWriter().nested(Fields.CableRequest.HELLO, hello).toBytes();
    Message reply = Message.read(AgentApp.host(process).cable(request, 20_000));
    shadowOf(Looper.getMainLooper()).idle();
    return reply.message(Fields.CableReply.IDENTITY);
  }

  private BorrowerActions borrower() {
    return AgentApp.borrower(app);
  }

  private long kind() {
    identity();
    return borrower().screen().number(Fields.Screen.KIND);
  }

  private void until(String what, BooleanSupplier holds) throws InterruptedException {
    for (int attempt = 0; attempt < 300; attempt++) {
      if (holds.getAsBoolean()) {
        return;
      }
      Thread.sleep(20);
    }
    throw new AssertionError("never " + what + ": " + borrower().screen().number(Fields.Screen.KIND));
  }

  private void enrol() throws InterruptedException {
    Message bound = Message.read(AgentApp.host(app).cable(lender.bind(), 20_000));
    assertTrue(bound.message(Fields.CableReply.REFUSED).text(Fields.Refused.CODE), bound.has(Fields.CableReply.BINDING_ACCEPTED));
    until("confirmed", () -> identity().flag(Fields.AgentIdentity.CONFIRMED));
  }

  /** A day with somebody who looks at the agent's page now and then, and a network. */
  private void day() {
    for (int quarter = 0; quarter < 4; quarter++) {
      ShadowSystemClock.advanceBy(Duration.ofHours(6));
      TestApp.unixSeconds += DAY_SECONDS / 4;
      borrower().personPresent(true);
      identity();
      borrower().personPresent(false);
      identity();
    }
  }

  private void untilDaysBring(long kind, int most) {
    for (int days = 0; kind() != kind; days++) {
      assertTrue("after " + days + " days it is still " + kind(), days < most);
      day();
    }
  }

  private boolean has(String restriction) {
    return first.getSystemService(UserManager.class).hasUserRestriction(restriction);
  }

  private static String answerOf(java.util.function.Consumer<BorrowerActions.Answer> ask) throws InterruptedException {
    String[] said = {null};
    ask.accept((accepted, code) -> said[0] = accepted ? "accepted" : code);
    for (int attempt = 0; attempt < 300 && said[0] == null; attempt++) {
      Thread.sleep(20);
      shadowOf(Looper.getMainLooper()).idle();
    }
    return said[0];
  }

  private void payAndCheck(byte[] order) throws InterruptedException {
    TestApp.ORDERS.add(order);
    borrower().checkNow();
  }

  @Test
  public void aContractFromEnrolmentToItsEnd() throws Exception {
    assertEquals(Fields.ScreenKind.SCREEN_KIND_UNBOUND, kind());
    assertFalse(has("no_factory_reset"));
    enrol();
    assertEquals(Fields.ScreenKind.SCREEN_KIND_UNLOCKED, kind());
    assertTrue(has("no_factory_reset"));
    assertFalse(has("no_outgoing_calls"));
    if (android.os.Build.VERSION.SDK_INT >= 28) {
      assertEquals("Banco de Prueba", first.getSystemService(DevicePolicyManager.class).getOrganizationName(admin()).toString());
    }

    untilDaysBring(Fields.ScreenKind.SCREEN_KIND_GRACE, 40);
    assertFalse("grace restricts nothing", first.getSystemService(DevicePolicyManager.class).getCameraDisabled(admin()));
    untilDaysBring(Fields.ScreenKind.SCREEN_KIND_LIMITED, 20);
    assertTrue(first.getSystemService(DevicePolicyManager.class).getCameraDisabled(admin()));
    assertFalse(has("no_outgoing_calls"));
    untilDaysBring(Fields.ScreenKind.SCREEN_KIND_FULL, 20);
    assertFullyLocked();
    assertTrue(cameToTheFront());

    // A restart while locked, and an update: the same lock, stated again by a new process.
    for (String action : new String[] {Intent.ACTION_LOCKED_BOOT_COMPLETED, Intent.ACTION_MY_PACKAGE_REPLACED}) {
      boots++;
      Settings.Global.putInt(first.getContentResolver(), Settings.Global.BOOT_COUNT, boots);
      ShadowPolicy.reset();
      DevicePolicyManager policies = first.getSystemService(DevicePolicyManager.class);
      shadowOf(policies).setActiveAdmin(admin());
      shadowOf(policies).setDeviceOwner(admin());
      start();
      new BootReceiver().onReceive(app, new Intent(action));
      assertEquals(action, Fields.ScreenKind.SCREEN_KIND_FULL, kind());
      assertFullyLocked();
    }

    // Without a network: a code.
    TestApp.isNetworkUp = false;
    assertEquals("MISTYPED", answerOf(answer -> borrower().enterCode("1001000000001", answer)));
    String request = borrower().screen().text(Fields.Screen.REQUEST_NUMBER);
    byte[] key = identity().bytes(Fields.AgentIdentity.DEVICE_PUBLIC_KEY);
    byte[] code = lender.ask("code", key, StandIn.text(request), StandIn.text(20)).get(0);
    assertEquals("accepted", answerOf(answer -> borrower().enterCode(new String(code), answer)));
    assertEquals(Fields.ScreenKind.SCREEN_KIND_UNLOCKED, kind());
    assertFalse(has("no_outgoing_calls"));
    assertFalse(first.getSystemService(DevicePolicyManager.class).getCameraDisabled(admin()));
    assertEquals("USED", answerOf(answer -> borrower().enterCode(new String(code), answer)));

    // Paid in full: everything is given back, and ownership last.
    TestApp.isNetworkUp = true;
    payAndCheck(lender.release());
    until("released", () -> kind() == Fields.ScreenKind.SCREEN_KIND_RELEASED);
    until("given back", () -> !first.getSystemService(DevicePolicyManager.class).isDeviceOwnerApp(first.getPackageName()));
    for (String restriction : new String[] {"no_factory_reset", "no_safe_boot", "no_add_user", "no_debugging_features", "no_outgoing_calls"}) {
      assertFalse(restriction, has(restriction));
    }
    assertTrue(borrower().lastDecisions(50).size() > 8);
  }

  @Test
  public void theAnswerToTheSealIsOutBeforeDebuggingIsOff() throws Exception {
    enrol();
    TestApp.isNetworkUp = false;
    byte[] seal = new MessageWriter().nested(Fields.CableRequest.SEAL, new MessageWriter()).toBytes();
    Message outcome = Message.read(AgentApp.host(app).cable(seal, 20_000)).message(Fields.CableReply.OUTCOME);
    assertTrue(outcome.message(Fields.Outcome.STATUS).flag(Fields.DeviceStatus.SEALED));
    assertFalse(has("no_debugging_features"));
    assertTrue(has("no_factory_reset"));
    shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(999));
    identity();
    assertFalse(has("no_debugging_features"));
    shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(1));
    identity();
    assertTrue(has("no_debugging_features"));
  }

  @Test
  public void aPaymentOpensAFullyLockedPhone() throws Exception {
    enrol();
    untilDaysBring(Fields.ScreenKind.SCREEN_KIND_FULL, 60);
    payAndCheck(lender.paidUntil(TestApp.unixSeconds + 30 * DAY_SECONDS));
    until("unlocked", () -> kind() == Fields.ScreenKind.SCREEN_KIND_UNLOCKED);
    assertFalse(has("no_outgoing_calls"));
    assertTrue("what holds while something is owed", has("no_factory_reset"));
  }

  @Test
  public void aPassOpensALockWithoutAskingAnybody() throws Exception {
    enrol();
    untilDaysBring(Fields.ScreenKind.SCREEN_KIND_FULL, 60);
    TestApp.isNetworkUp = false;
    assertEquals("accepted", answerOf(answer -> borrower().takePass(answer)));
    assertFalse(has("no_outgoing_calls"));
    assertEquals(1, borrower().screen().number(Fields.Screen.PASSES_LEFT));
    untilDaysBring(Fields.ScreenKind.SCREEN_KIND_FULL, 4);
    assertFullyLocked();
  }

  @Test
  public void theWayToTheSupportLineOpensForAFewMinutesAndClosesAgain() throws Exception {
    enrol();
    untilDaysBring(Fields.ScreenKind.SCREEN_KIND_FULL, 60);
    assertTrue(has("no_outgoing_calls"));
    borrower().callingSupport();
    assertFalse(has("no_outgoing_calls"));
    assertTrue("nothing else opens", first.getSystemService(DevicePolicyManager.class).isLockTaskPermitted(first.getPackageName()));
    ShadowSystemClock.advanceBy(Duration.ofMinutes(2));
    AgentApp.host(app).tick(null);
    identity();
    assertFalse("still being put through", has("no_outgoing_calls"));
    ShadowSystemClock.advanceBy(Duration.ofMinutes(2));
    AgentApp.host(app).tick(null);
    identity();
    assertFullyLocked();
  }

  private ComponentName admin() {
    return new ComponentName(first, AdminReceiver.class);
  }

  private boolean cameToTheFront() {
    for (Intent next = shadowOf(first).getNextStartedActivity(); next != null; next = shadowOf(first).getNextStartedActivity()) {
      if (LockActivity.class.getName().equals(next.getComponent().getClassName())) {
        return true;
      }
    }
    return false;
  }

  private void assertFullyLocked() {
    DevicePolicyManager policies = first.getSystemService(DevicePolicyManager.class);
    assertTrue(has("no_outgoing_calls"));
    assertTrue(has("no_factory_reset"));
    assertTrue(policies.isLockTaskPermitted(first.getPackageName()));
    assertTrue("calls can be made", policies.isLockTaskPermitted("com.android.dialer"));
    int emergency = DevicePolicyManager.LOCK_TASK_FEATURE_KEYGUARD | DevicePolicyManager.LOCK_TASK_FEATURE_GLOBAL_ACTIONS;
    assertEquals(emergency, policies.getLockTaskFeatures(admin()) & emergency);
    for (String never : new String[] {"no_sms", "no_config_wifi", "no_config_mobile_networks", "no_config_date_time"}) {
      assertFalse(never, has(never));
    }
  }
}
