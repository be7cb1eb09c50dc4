package dev.holdfast.agent;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import android.app.admin.DevicePolicyManager;
import android.content.ComponentName;
import android.content.Context;
import android.net.Uri;
import android.os.Bundle;
import android.util.Base64;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import dev.holdfast.agent.wire.MessageWriter;
import java.io.File;
import java.io.FileNotFoundException;
import java.nio.file.Files;
import org.junit.After;
import org.junit.AfterClass;
import org.junit.Before;
import org.junit.BeforeClass;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.Shadows;
import org.robolectric.annotation.Config;
import org.robolectric.shadows.ShadowBinder;

/** The provider, the storage, the key and the engine together, and a lender with real keys at the other end of the cable. */
@RunWith(AgentTestRunner.class)
@Config(sdk = {28, 31, 34, 35}, application = TestApp.class)
public class EnrolmentTest {
  private static final Uri CABLE = Uri.parse("content://dev.holdfast.agent.cable");
  private static StandIn lender;
  private Context context;

  @BeforeClass
  public static void begin() {
    lender = new StandIn();
  }

  @AfterClass
  public static void end() {
    lender.close();
  }

  @Before
  public void makeDeviceOwner() {
    TestApp.reset();
    TestApp.lender = lender;
    context = RuntimeEnvironment.getApplication();
    DevicePolicyManager policies = (DevicePolicyManager) context.getSystemService(Context.DEVICE_POLICY_SERVICE);
    Shadows.shadowOf(policies).setDeviceOwner(new ComponentName(context, AdminReceiver.class));
    ShadowBinder.setCallingUid(CableCallers.SHELL_UID);
  }

  /** Robolectric makes the next test's app before anything of the test runs. */
  @After
  public void forget() {
    TestApp.reset();
  }

  private static CableProvider provider() {
    return Robolectric.setupContentProvider(CableProvider.class, "dev.holdfast.agent.cable");
  }

  private static Message call(CableProvider provider, byte[] request) {
    Bundle answer = provider.call("deliver", Base64.encodeToString(request, Base64.NO_WRAP), null);
    return Message.read(Base64.decode(answer.getString("reply"), Base64.NO_WRAP));
  }

  private static byte[] hello() {
    MessageWriter hello = new MessageWriter().bytes(Fields.Hello.CHALLENGE, new byte[16]);
    return new MessageWriter().nested(Fields.CableRequest.HELLO, hello).toBytes();
  }

  private static String refusal(Message reply) {
    return reply.message(Fields.CableReply.REFUSED).text(Fields.Refused.CODE);
  }

  private static Message identityWhenConfirmed(CableProvider provider) throws InterruptedException {
    for (int attempt = 0; attempt < 200; attempt++) {
      Message identity = call(provider, hello()).message(Fields.CableReply.IDENTITY);
      if (identity.flag(Fields.AgentIdentity.CONFIRMED)) {
        return identity;
      }
      Thread.sleep(20);
    }
    throw new AssertionError("never confirmed");
  }

  @Test
  public void enrolsOverTheCableWithTheRealEngine() throws Exception {
    CableProvider provider = provider();
    Message first = call(provider, hello()).message(Fields.CableReply.IDENTITY);
    assertTrue(first.flag(Fields.AgentIdentity.DEVICE_OWNER));
    assertEquals("0.1.0", first.text(Fields.AgentIdentity.AGENT_VERSION));
    assertEquals(2, first.texts(Fields.AgentIdentity.IMEIS).size());

    Message bound = call(provider, lender.bind());
    assertTrue(refusal(bound), bound.has(Fields.CableReply.BINDING_ACCEPTED));
    Message receipt = Message.read(
        Message.read(bound.message(Fields.CableReply.BINDING_ACCEPTED).bytes(Fields.BindingAccepted.RECEIPT_ENVELOPE))
            .bytes(Fields.Envelope.PAYLOAD));
    assertEquals(3, receipt.chunks(Fields.BindingReceipt.ATTESTATION_CHAIN).size());
    Message identity = identityWhenConfirmed(provider);
    assertEquals("C-1001", identity.text(Fields.AgentIdentity.CONTRACT_ID));
    assertEquals(64, identity.bytes(Fields.AgentIdentity.CHALLENGE_SIGNATURE).length);
    assertTrue(TestApp.POSTURES.get(TestApp.POSTURES.size() - 1).contains("uninstallAgent"));
    assertEquals(
        Fields.ScreenKind.SCREEN_KIND_UNLOCKED, AgentApp.borrower(context).screen().number(Fields.Screen.KIND));
    assertEquals("only the key of this binding", 1, FakeKeystore.ENTRIES.size());

    File folder = context.createDeviceProtectedStorageContext().getFilesDir();
    assertTrue(new File(folder, "ledger.bin").length() > 1000);
    assertTrue(new File(folder, "record.bin").length() > 1000);
    assertFalse("the anchor is with the system", new File(folder, "anchor.bin").exists());
    // What Java wrote, Node reads.
    assertFalse(lender.ask("readRecord", StandIn.text(new File(folder, "record.bin"))).isEmpty());
  }

  @Test
  public void aNewProcessFindsTheContractAndOneWhoseFolderWasEmptiedAsksForContact() throws Exception {
    CableProvider provider = provider();
    call(provider, lender.bind());
    identityWhenConfirmed(provider);
    int before = TestApp.POSTURES.size();
    TestApp.isNetworkUp = false;

    TestApp again = TestApp.restarted(RuntimeEnvironment.getApplication());
    Message identity = Message.read(AgentApp.host(again).cable(hello(), 20_000)).message(Fields.CableReply.IDENTITY);
    assertTrue(identity.flag(Fields.AgentIdentity.CONFIRMED));
    assertTrue("applied again after a start", TestApp.POSTURES.size() > before);

    File folder = context.createDeviceProtectedStorageContext().getFilesDir();
    for (File file : folder.listFiles()) {
      Files.delete(file.toPath());
    }
    TestApp robbed = TestApp.restarted(RuntimeEnvironment.getApplication());
    identity = Message.read(AgentApp.host(robbed).cable(hello(), 20_000)).message(Fields.CableReply.IDENTITY);
    assertEquals("C-1001", identity.text(Fields.AgentIdentity.CONTRACT_ID));
    assertTrue(AgentApp.borrower(robbed).screen().flag(Fields.Screen.CONTACT_REQUIRED));
  }

  @Test
  public void withoutDeviceOwnershipNothingIsBound() {
    DevicePolicyManager policies = (DevicePolicyManager) context.getSystemService(Context.DEVICE_POLICY_SERVICE);
    Shadows.shadowOf(policies).setDeviceOwner(null);
    assertEquals("NOT_DEVICE_OWNER", refusal(call(provider(), lender.bind())));
  }

  @Test
  public void whoeverIsNotTheShellIsTurnedAway() {
    CableProvider provider = provider();
    for (int uid : new int[] {0, 1000, 10_200, 1_002_000, 99_999}) {
      ShadowBinder.setCallingUid(uid);
      assertThrows(SecurityException.class, () -> provider.call("deliver", "", null));
    }
    ShadowBinder.setCallingUid(CableCallers.SHELL_UID);
    assertThrows(UnsupportedOperationException.class, () -> provider.call("destroy", "", null));
    assertThrows(UnsupportedOperationException.class, () -> provider.query(CABLE, null, null, null, null));
    assertThrows(FileNotFoundException.class, () -> provider.openFile(Uri.withAppendedPath(CABLE, "ledger.bin"), "r"));
    assertNull(provider.getType(CABLE));
  }

  @Test
  public void whatIsNoRequestIsRefusedAndNeverThrown() {
    CableProvider provider = provider();
    StringBuilder long128 = new StringBuilder();
    while (long128.length() <= 128 * 1024) {
      long128.append("AAAAAAAA");
    }
    String[] malformed = {null, "", "%%%", "inbox:00", long128.toString(), "AAAA=A", "/w==", "EgMKAQ=="};
    for (String arg : malformed) {
      Bundle answer = provider.call("deliver", arg, null);
      String code = refusal(Message.read(Base64.decode(answer.getString("reply"), 0)));
      assertEquals(arg, "MALFORMED", code);
    }
  }

  @Test
  public void anAppWithoutAnEngineSaysSo() {
    TestApp.hasEngine = false;
    TestApp without = TestApp.restarted(RuntimeEnvironment.getApplication());
    assertEquals("INTERNAL", refusal(Message.read(AgentApp.host(without).cable(hello(), 20_000))));
    assertTrue(AgentApp.borrower(without).isBroken());
  }
}
