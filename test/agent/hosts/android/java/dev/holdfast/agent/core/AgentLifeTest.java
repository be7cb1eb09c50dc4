package dev.holdfast.agent.core;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertTrue;

import dev.holdfast.agent.StandIn;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.AfterClass;
import org.junit.BeforeClass;
import org.junit.Test;

/** The host's core with the engine that a phone has, and a lender with real keys. */
public class AgentLifeTest {
  private static StandIn lender;

  @BeforeClass
  public static void begin() {
    lender = new StandIn();
  }

  @AfterClass
  public static void end() {
    lender.close();
  }

  private static TestPhone bound() {
    TestPhone phone = new TestPhone(lender).withEngine().restart();
    Message reply = phone.bind();
    assertTrue(TestPhone.refusal(reply), reply.has(Fields.CableReply.BINDING_ACCEPTED));
    return phone;
  }

  /** Half days, with somebody looking at the screen, until it shows this. */
  private static void until(TestPhone phone, long kind) {
    phone.desk.personPresent(true);
    for (int halfDays = 0; phone.screen() != kind; halfDays++) {
      assertTrue("never shown: " + kind, halfDays < 120);
      phone.sleep(TestPhone.DAY_MILLIS / 2);
      phone.host.tick(null);
      phone.idle();
    }
  }

  @Test
  public void bindsOverTheCableChecksInByItselfAndShowsWhatItHolds() {
    TestPhone phone = bound();
    Message identity = phone.hello().message(Fields.CableReply.IDENTITY);
    assertTrue(identity.flag(Fields.AgentIdentity.CONFIRMED));
    assertTrue(identity.flag(Fields.AgentIdentity.DEVICE_OWNER));
    assertEquals("1.0.0", identity.text(Fields.AgentIdentity.AGENT_VERSION));
    assertEquals(64, identity.bytes(Fields.AgentIdentity.CHALLENGE_SIGNATURE).length);
    assertEquals(Fields.ScreenKind.SCREEN_KIND_UNLOCKED, phone.screen());
    assertEquals("Banco de Prueba", phone.desk.screen().text(Fields.Screen.LENDER_NAME));
    assertTrue(phone.restricted.contains("uninstallAgent"));
    assertTrue(phone.alarmAt > phone.now);
    assertFalse(phone.desk.lastDecisions(50).isEmpty());
  }

  @Test
  public void wakesAtMostFourTimesADayWhileUnlockedAndOnline() {
    TestPhone phone = bound();
    int most = 0;
    int posts = phone.posts;
    for (int day = 0; day < 10; day++) {
      most = Math.max(most, phone.sleep(TestPhone.DAY_MILLIS));
    }
    System.out.println("asleep, unlocked, online: woken " + most + " times a day at most, " + (phone.posts - posts) / 10.0 + " check-ins");
    assertTrue("woken " + most + " times", most <= 4);
    assertTrue("checks in all the same", phone.posts - posts >= 30);
    int used = 0;
    int ticks = 0;
    for (int day = 0; day < 10; day++) {
      int woken = phone.sleep(TestPhone.DAY_MILLIS / 3);
      for (int hour = 8; hour < 24; hour++) {
        phone.wakeByHand();
        ticks += phone.pass(600_000);
        woken += phone.sleep(3_000_000);
      }
      used = Math.max(used, woken);
    }
    System.out.println("in use ten minutes an hour: woken " + used + " times a day at most, called " + ticks / 10.0 + " times while awake");
    assertTrue("woken " + used + " times", used <= 4);
    assertEquals(Fields.ScreenKind.SCREEN_KIND_UNLOCKED, phone.screen());
  }

  @Test
  public void aLockedPhoneAsksEveryHalfHourEvenAsleep() {
    TestPhone phone = bound();
    until(phone, Fields.ScreenKind.SCREEN_KIND_LIMITED);
    phone.orders.add(lender.paidUntil(TestPhone.EPOCH + 80 * 86_400));
    int woken = phone.sleep(31 * 60_000);
    assertEquals(Fields.ScreenKind.SCREEN_KIND_UNLOCKED, phone.screen());
    assertEquals(1, woken);
  }

  @Test
  public void aPhoneThatSleepsOutOfReachIsWarnedAllTheSame() {
    TestPhone phone = bound();
    phone.isNetworkUp = false;
    phone.sleep(11 * TestPhone.DAY_MILLIS);
    assertFalse("warned of the offline lock", phone.shownNotices.isEmpty());
    phone.wakeByHand();
    assertTrue(phone.alarmAt > phone.now);
  }

  @Test
  public void goesToGraceLocksAndUnlocksAfterPayment() {
    TestPhone phone = bound();
    until(phone, Fields.ScreenKind.SCREEN_KIND_LIMITED);
    assertTrue(phone.restricted.contains("cameraAndGallery"));
    assertFalse(phone.shownNotices.isEmpty());
    phone.orders.add(lender.paidUntil(TestPhone.EPOCH + 80 * 86_400));
    phone.desk.checkNow();
    phone.idle();
    assertEquals(Fields.ScreenKind.SCREEN_KIND_UNLOCKED, phone.screen());
    assertFalse(phone.restricted.contains("cameraAndGallery"));
  }

  @Test
  public void staysLockedOverARestartAndTheNextBoot() {
    TestPhone phone = bound();
    until(phone, Fields.ScreenKind.SCREEN_KIND_LIMITED);
    List<String> restricted = phone.restricted;
    phone.isNetworkUp = false;
    phone.restricted = List.of();
    phone.restart();
    assertEquals(restricted, phone.restricted);
    phone.restricted = List.of();
    phone.reboot();
    assertEquals(restricted, phone.restricted);
  }

  @Test
  public void nothingIsLockedInTheMiddleOfACallAndItIsAfterIt() {
    TestPhone phone = bound();
    phone.desk.personPresent(true);
    for (int halfDay = 0; halfDay < 65; halfDay++) {
      phone.sleep(TestPhone.DAY_MILLIS / 2);
      phone.host.tick(null);
      phone.idle();
    }
    assertEquals(Fields.ScreenKind.SCREEN_KIND_GRACE, phone.screen());
    phone.isCalling = true;
    phone.sleep(3 * TestPhone.DAY_MILLIS);
    assertEquals(Fields.ScreenKind.SCREEN_KIND_GRACE, phone.screen());
    // Nor by the process ending, though the engine takes a start for the end of every call.
    phone.restart();
    phone.host.wake(null);
    phone.idle();
    assertEquals(Fields.ScreenKind.SCREEN_KIND_GRACE, phone.screen());
    phone.endCall();
    assertNotEquals(Fields.ScreenKind.SCREEN_KIND_UNLOCKED, phone.screen());
    until(phone, Fields.ScreenKind.SCREEN_KIND_LIMITED);
  }

  @Test
  public void noticesCountOnScreenOnlyWithAPersonPresentAndAsNotificationOnlyWhereAllowed() {
    TestPhone phone = bound();
    phone.isNotificationAllowed = false;
    phone.sleep(40 * TestPhone.DAY_MILLIS);
    assertFalse(phone.desk.notices().isEmpty());
    assertEquals("nobody saw a warning", 0, shownDecisions(phone));
    assertEquals(Fields.ScreenKind.SCREEN_KIND_GRACE, phone.screen());
    phone.desk.personPresent(true);
    phone.idle();
    assertTrue(shownDecisions(phone) > 0);
    assertTrue(phone.shownNotices.isEmpty());
  }

  private static int shownDecisions(TestPhone phone) {
    int shown = 0;
    for (Message decision : phone.desk.lastDecisions(50)) {
      if (decision.number(Fields.Decision.KIND) == Fields.DecisionKind.DECISION_KIND_NOTICE_SHOWN) {
        shown++;
      }
    }
    return shown;
  }

  @Test
  public void aLenderOutOfReachIsAskedAgainAfterAGrowingWhile() {
    TestPhone phone = bound();
    phone.isNetworkUp = false;
    phone.desk.checkNow();
    phone.idle();
    int before = phone.posts;
    int woken = phone.pass(TestPhone.DAY_MILLIS);
    int posts = phone.posts - before;
    assertTrue("asked " + posts + " times", posts > 5 && posts < 20);
  }

  @Test
  public void whatDriftsIsAppliedAgainWithTheNextEventFromOutside() {
    TestPhone phone = bound();
    phone.drift = List.of("factoryReset");
    phone.host.wake(null);
    phone.idle();
    int before = phone.postures;
    phone.host.tick(null);
    phone.idle();
    assertEquals(before + 1, phone.postures);
    phone.drift = List.of();
    phone.host.tick(null);
    phone.host.tick(null);
    phone.idle();
    assertEquals(before + 2, phone.postures);
  }

  @Test
  public void releasesLiftsEverythingAndOnlyThenGivesOwnershipBack() {
    TestPhone phone = bound();
    phone.drift = List.of("factoryReset");
    phone.deliver(lender.release());
    assertTrue("kept while something could not be lifted", phone.isOwner);
    phone.drift = List.of();
    phone.host.wake(null);
    phone.idle();
    assertFalse(phone.isOwner);
    assertEquals(List.of(), phone.restricted);
    assertEquals(Fields.ScreenKind.SCREEN_KIND_RELEASED, phone.screen());
    phone.sleep(3 * TestPhone.DAY_MILLIS);
    assertEquals("nothing wakes it any more", 0, phone.alarmAt);
    assertEquals(Fields.ScreenKind.SCREEN_KIND_RELEASED, phone.reboot().screen());
  }

  @Test
  public void aLedgerThatIsDeletedOrDamagedFreesNothingAndLocksNothing() {
    for (byte[] found : List.of(new byte[0], new byte[] {1, 2, 3})) {
      TestPhone phone = bound();
      until(phone, Fields.ScreenKind.SCREEN_KIND_LIMITED);
      List<String> restricted = phone.restricted;
      phone.isNetworkUp = false;
      phone.ledger = found;
      phone.restart();
      assertEquals(restricted, phone.restricted);
      assertEquals(Fields.ScreenKind.SCREEN_KIND_LIMITED, phone.screen());
      assertTrue(phone.desk.screen().flag(Fields.Screen.CONTACT_REQUIRED));
    }
  }

  @Test
  public void aLedgerOfANewerAgentIsLeftAsItIsAndSoIsThePhone() {
    TestPhone phone = bound();
    until(phone, Fields.ScreenKind.SCREEN_KIND_LIMITED);
    List<String> restricted = phone.restricted;
    byte[] newer = lender.ask("newer", phone.ledger).get(0);
    phone.ledger = newer;
    phone.restart();
    assertEquals(restricted, phone.restricted);
    assertEquals("LEDGER_NEWER", phone.hello().message(Fields.CableReply.REFUSED).text(Fields.Refused.CODE));
    assertArrayEquals(newer, phone.ledger);
  }

  @Test
  public void aLedgerThatIsPutBackIsFoundOut() {
    TestPhone phone = bound();
    byte[] early = phone.ledger;
    until(phone, Fields.ScreenKind.SCREEN_KIND_LIMITED);
    phone.isNetworkUp = false;
    phone.ledger = early;
    phone.restart();
    assertEquals(Fields.ScreenKind.SCREEN_KIND_LIMITED, phone.screen());
    assertTrue(phone.desk.screen().flag(Fields.Screen.CONTACT_REQUIRED));
  }

  @Test
  public void aLedgerThatCannotBeReadIsNotALostOne() {
    TestPhone phone = bound();
    byte[] ledger = phone.ledger;
    int postures = phone.postures;
    phone.fails = "read";
    phone.restart();
    assertTrue(phone.desk.isBroken());
    assertEquals(ledger, phone.ledger);
    assertEquals(postures, phone.postures);
    phone.fails = "";
    phone.pass(2 * 60_000);
    assertFalse(phone.desk.isBroken());
    assertFalse(phone.desk.screen().flag(Fields.Screen.CONTACT_REQUIRED));
  }

  @Test
  public void aLostDeviceKeyIsReportedAndChangesNothingElse() {
    TestPhone phone = bound();
    List<String> restricted = phone.restricted;
    phone.isKeyLost = true;
    assertEquals("DEVICE_KEY_FAILED", TestPhone.refusal(phone.hello()));
    phone.pass(TestPhone.DAY_MILLIS);
    assertEquals(restricted, phone.restricted);
    assertEquals(Fields.ScreenKind.SCREEN_KIND_UNLOCKED, phone.screen());
    assertFalse(phone.desk.isBroken());
    List<String> answers = new ArrayList<>();
    phone.desk.exportRecord(new java.io.File("never-written"), (accepted, code) -> answers.add(accepted + code));
    phone.idle();
    assertEquals(List.of("falseNOT_STORED"), answers);
  }

  @Test
  public void theBorrowerIsAnswered() {
    TestPhone phone = bound();
    List<String> answers = new ArrayList<>();
    BorrowerActions.Answer answer = (accepted, code) -> answers.add(accepted + " " + code);
    phone.desk.enterCode("1234567890123", answer);
    phone.idle();
    assertTrue(answers.get(0), answers.get(0).startsWith("false ") && answers.get(0).length() > 6);
    phone.fails = "ledger";
    phone.desk.openDispute(answer);
    phone.idle();
    assertEquals("false NOT_STORED", answers.get(1));
    phone.fails = "";
    phone.desk.openDispute(answer);
    phone.idle();
    assertEquals("true ", answers.get(2));
  }
}
