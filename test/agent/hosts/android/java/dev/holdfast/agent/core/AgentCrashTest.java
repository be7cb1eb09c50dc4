package dev.holdfast.agent.core;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import dev.holdfast.agent.StandIn;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.AfterClass;
import org.junit.BeforeClass;
import org.junit.Test;

/** The process dies, the disk is full, the engine fails: at each place where it can. */
public class AgentCrashTest {
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
    TestPhone phone = new TestPhone(lender).restart();
    phone.bind();
    assertEquals(Fields.ScreenKind.SCREEN_KIND_UNLOCKED, phone.screen());
    return phone;
  }

  @Test
  public void bindingCanBeCutBetweenAnyTwoStepsAndIsDoneAgain() {
    TestPhone whole = new TestPhone(lender).restart();
    whole.steps.clear();
    byte[] bind = lender.bind();
    whole.cable(bind);
    int count = whole.steps.size();
    assertTrue("" + whole.steps, count > 20);
    for (int cut = 1; cut <= count; cut++) {
      TestPhone phone = new TestPhone(lender).restart();
      phone.steps.clear();
      phone.killAtStep = cut;
      phone.cable(bind);
      phone.killAtStep = 0;
      phone.restart();
      Message reply = phone.cable(bind);
      String where = "cut at " + cut + ", " + whole.steps.get(cut - 1) + ": " + TestPhone.refusal(reply);
      assertTrue(where, reply.has(Fields.CableReply.BINDING_ACCEPTED));
      assertTrue(where, phone.hello().message(Fields.CableReply.IDENTITY).flag(Fields.AgentIdentity.CONFIRMED));
      assertEquals(where, whole.restricted, phone.restricted);
      assertEquals(where, Fields.ScreenKind.SCREEN_KIND_UNLOCKED, phone.screen());
      assertEquals(where, whole.record.size(), phone.record.size());
    }
    System.out.println("process ended at each of " + count + " steps of a binding");
  }

  @Test
  public void releaseCanBeCutBetweenAnyTwoStepsAndIsDoneAgain() {
    int count = 1;
    for (int cut = 1; cut <= count; cut++) {
      TestPhone phone = bound();
      byte[] release = lender.release();
      phone.steps.clear();
      phone.killAtStep = cut;
      phone.deliver(release);
      if (cut == 1) {
        TestPhone whole = bound();
        whole.steps.clear();
        whole.deliver(release);
        count = whole.steps.size();
      }
      phone.killAtStep = 0;
      phone.reboot();
      phone.deliver(release);
      assertFalse("cut at " + cut, phone.isOwner);
      assertEquals(List.of(), phone.restricted);
      assertEquals(Fields.ScreenKind.SCREEN_KIND_RELEASED, phone.screen());
    }
    System.out.println("process ended at each of " + count + " steps of a release");
  }

  @Test
  public void aFullDiskAtTheRecordOrTheLedgerDoesNothingAndIsTriedAgain() {
    for (String full : List.of("record", "ledger")) {
      TestPhone phone = bound();
      byte[] ledger = phone.ledger;
      List<String> restricted = phone.restricted;
      phone.fails = full;
      byte[] release = lender.release();
      assertEquals("NOT_STORED", TestPhone.refusal(phone.deliver(release)));
      assertEquals(restricted, phone.restricted);
      assertTrue(phone.isOwner);
      assertEquals(ledger, phone.ledger);
      assertEquals(phone.now + AgentLoop.WRITE_RETRY_MILLIS, phone.alarmAt);
      assertFalse("a full disk is no broken engine", phone.desk.isBroken());
      phone.fails = "";
      phone.pass(2 * AgentLoop.WRITE_RETRY_MILLIS);
      phone.deliver(release);
      assertFalse(phone.isOwner);
    }
  }

  @Test
  public void aFullDiskAtTheAnchorAnchorsALittleLess() {
    TestPhone phone = bound();
    byte[] anchor = phone.anchor;
    phone.fails = "anchor";
    phone.pass(TestPhone.DAY_MILLIS / 4);
    assertEquals(anchor, phone.anchor);
    assertEquals(Fields.ScreenKind.SCREEN_KIND_UNLOCKED, phone.screen());
    phone.restart();
    assertFalse(phone.desk.screen().flag(Fields.Screen.CONTACT_REQUIRED));
  }

  @Test
  public void anEngineThatFailsChangesNothingSaysSoAndIsTriedAgainFresh() {
    List<DaemonSource> failing = new ArrayList<>();
    failing.add(
        () -> {
          throw new Daemon.EngineFailed("no library");
        });
    failing.add(
        () ->
            (ledger, event) -> {
              throw new Daemon.EngineFailed("no answer within 5 s");
            });
    failing.add(
        () ->
            (ledger, event) -> {
              throw new IllegalStateException("a bug");
            });
    failing.add(
        () ->
            (ledger, event) -> {
              throw new OutOfMemoryError("of the test");
            });
    failing.add(
        () ->
            (ledger, event) -> {
              throw new StackOverflowError();
            });
    failing.add(
        () -> {
          throw new UnsatisfiedLinkError("libholdfast.so");
        });
    failing.add(() -> (ledger, event) -> new Daemon.Handled(new byte[0], new byte[0]));
    failing.add(() -> (ledger, event) -> new Daemon.Handled(ledger, new byte[] {(byte) 0xff}));
    for (DaemonSource source : failing) {
      TestPhone phone = bound();
      DaemonSource whole = phone.ports.daemons;
      byte[] ledger = phone.ledger;
      List<String> restricted = phone.restricted;
      int postures = phone.postures;
      phone.ports.daemons = source;
      phone.restart();
      assertTrue(phone.desk.isBroken());
      assertEquals("INTERNAL", TestPhone.refusal(phone.hello()));
      List<String> answers = new ArrayList<>();
      phone.desk.enterCode("1234567890123", (accepted, code) -> answers.add(accepted + " " + code));
      phone.pass(60 * 60_000);
      assertEquals(List.of("false NOT_STORED"), answers);
      assertEquals("nothing was applied", postures, phone.postures);
      assertEquals(restricted, phone.restricted);
      assertEquals(ledger, phone.ledger);
      assertTrue("it is tried again", phone.alarmAt > phone.now);
      phone.ports.daemons = whole;
      phone.pass(60 * 60_000);
      assertFalse(phone.desk.isBroken());
      assertEquals(Fields.ScreenKind.SCREEN_KIND_UNLOCKED, phone.screen());
      assertEquals(restricted, phone.restricted);
    }
  }

  @Test
  public void attemptsWithAFailingEngineBecomeFewer() {
    TestPhone phone = bound();
    phone.ports.daemons =
        () -> {
          throw new Daemon.EngineFailed("of the test");
        };
    phone.restart();
    int calls = phone.pass(TestPhone.DAY_MILLIS);
    System.out.println("a day with a broken engine: " + calls + " attempts awake");
    assertTrue("tried " + calls + " times", calls >= 20 && calls <= 40);
    assertTrue(phone.sleep(TestPhone.DAY_MILLIS) <= 24);
  }

  @Test
  public void fourStartsWithinAMinuteThatCameToNothingLeaveTheEngineAlone() {
    TestPhone phone = bound();
    DaemonSource whole = phone.ports.daemons;
    int[] opened = {0};
    // Dies without a word, as native code does.
    phone.ports.daemons =
        () -> {
          opened[0]++;
          throw new TestPhone.Killed();
        };
    int postures = phone.postures;
    for (int start = 1; start <= 3; start++) {
      phone.restart();
      phone.now += 1000;
      assertEquals(start, opened[0]);
    }
    phone.restart();
    assertEquals("left alone", 3, opened[0]);
    assertTrue(phone.desk.isBroken());
    assertEquals("INTERNAL", TestPhone.refusal(phone.hello()));
    assertEquals(3, opened[0]);
    assertEquals(postures, phone.postures);
    phone.ports.daemons = whole;
    phone.pass(10 * 60_000);
    assertFalse(phone.desk.isBroken());
    assertTrue(phone.starts.isEmpty());
  }

  @Test
  public void startsThatCameToAnEndOrAreLongAgoAreNoCrashLoop() {
    TestPhone phone = bound();
    for (int start = 0; start < 10; start++) {
      assertFalse(phone.restart().desk.isBroken());
    }
    phone.starts.clear();
    for (int start = 0; start < 10; start++) {
      phone.starts.add(new StartLog.Start(phone.boots, phone.now));
    }
    phone.now += 61_000;
    assertFalse(phone.restart().desk.isBroken());
    phone.starts.add(new StartLog.Start(phone.boots, phone.now + 1_000_000));
    assertFalse(phone.reboot().desk.isBroken());
  }

  @Test
  public void aPostThatNeverEndsIsAFailureAtItsDeadline() {
    TestPhone phone = bound();
    phone.ports.postDeadlineMillis = 50;
    phone.ports.poster =
        (url, body, deadline) -> {
          phone.posts++;
          while (true) {
            try {
              Thread.sleep(60_000);
            } catch (InterruptedException ignored) {
              // A network library that does not listen.
            }
          }
        };
    int posts = phone.posts;
    phone.desk.checkNow();
    phone.idle();
    assertEquals(posts + 1, phone.posts);
    assertTrue(phone.journal.toString(), phone.journal.toString().contains("no answer in time"));
    phone.pass(60 * 60_000);
    assertTrue("and it is asked again", phone.posts > posts + 1);
  }

  @Test
  public void anAnswerThatIsNoneIsNoContact() {
    TestPhone phone = bound();
    phone.ports.poster = (url, body, deadline) -> new byte[] {1, 2, 3};
    phone.desk.checkNow();
    phone.idle();
    assertEquals(Fields.ScreenKind.SCREEN_KIND_UNLOCKED, phone.screen());
    assertFalse(phone.desk.isBroken());
    assertTrue(phone.journal.toString(), phone.journal.toString().contains("fault: REPLY"));
  }
}
