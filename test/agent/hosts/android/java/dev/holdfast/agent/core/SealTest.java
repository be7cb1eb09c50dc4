package dev.holdfast.agent.core;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import dev.holdfast.agent.StandIn;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import java.util.List;
import org.junit.AfterClass;
import org.junit.BeforeClass;
import org.junit.Test;

/** The last request over the cable: its answer goes first, and then the cable does. */
public class SealTest {
  private static StandIn lender;

  @BeforeClass
  public static void begin() {
    lender = new StandIn();
  }

  @AfterClass
  public static void end() {
    lender.close();
  }

  /** Bound and confirmed, and out of every network's reach. */
  private static TestPhone confirmed() {
    TestPhone phone = new TestPhone(lender).restart();
    phone.bind();
    assertTrue(phone.hello().message(Fields.CableReply.IDENTITY).flag(Fields.AgentIdentity.CONFIRMED));
    phone.isNetworkUp = false;
    return phone;
  }

  private static boolean isSealed(Message reply) {
    return reply.message(Fields.CableReply.OUTCOME).message(Fields.Outcome.STATUS).flag(Fields.DeviceStatus.SEALED);
  }

  private static boolean isClosed(TestPhone phone) {
    return phone.restricted.contains("debugging");
  }

  @Test
  public void theAnswerIsGivenWhileDebuggingIsOnAndASecondLaterItGoes() {
    TestPhone phone = confirmed();
    List<String> before = phone.restricted;
    int posts = phone.posts;
    assertTrue(isSealed(phone.seal()));
    assertEquals("nothing else waits, and nothing is lost", before, phone.restricted);
    phone.pass(AnswerFirst.ANSWER_MILLIS - 1);
    assertFalse(isClosed(phone));
    assertEquals("nobody is told before it was read back", posts, phone.posts);
    phone.pass(1);
    assertTrue(isClosed(phone));
    assertEquals(posts + 1, phone.posts);
  }

  @Test
  public void laterRequestsDoNotKeepTheCableOpen() {
    TestPhone phone = confirmed();
    phone.seal();
    phone.now += 600;
    assertTrue(isSealed(phone.seal()));
    assertFalse(isClosed(phone));
    phone.now += 400;
    assertTrue(isSealed(phone.seal()));
    assertTrue(isClosed(phone));
  }

  @Test
  public void whatElseHappensInThatSecondDoesNotTakeTheAnswer() {
    TestPhone phone = confirmed();
    phone.seal();
    phone.now += 500;
    phone.host.tick(null);
    phone.host.wake(null);
    phone.idle();
    assertFalse(isClosed(phone));
    phone.pass(500);
    assertTrue(isClosed(phone));
  }

  @Test
  public void aProcessThatEndsInThatSecondClosesTheCableWhenItStarts() {
    TestPhone phone = confirmed();
    phone.seal();
    assertFalse(isClosed(phone));
    phone.restart();
    assertTrue(isClosed(phone));
  }

  @Test
  public void theProcessMayEndAtEachStepOfASeal() {
    int steps = confirmed().steps.size();
    TestPhone whole = confirmed();
    whole.seal();
    whole.pass(AnswerFirst.ANSWER_MILLIS);
    int last = whole.steps.size();
    assertTrue(last + " steps", last - steps > 5);
    for (int step = steps + 1; step <= last; step++) {
      TestPhone phone = confirmed();
      phone.killAtStep = step;
      phone.seal();
      phone.pass(AnswerFirst.ANSWER_MILLIS);
      phone.restart();
      assertTrue("after step " + step, isSealed(phone.seal()));
      phone.pass(AnswerFirst.ANSWER_MILLIS);
      assertTrue("after step " + step, isClosed(phone));
    }
  }

  @Test
  public void whatThePlatformRefusesIsStillReported() {
    TestPhone phone = confirmed();
    phone.seal();
    phone.drift = List.of("debugging");
    phone.pass(AnswerFirst.ANSWER_MILLIS);
    Message status = phone.hello().message(Fields.CableReply.IDENTITY).message(Fields.AgentIdentity.STATUS);
    assertEquals(List.of("debugging"), status.texts(Fields.DeviceStatus.POSTURE_DRIFT));
  }
}
