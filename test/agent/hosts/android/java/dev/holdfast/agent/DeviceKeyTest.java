package dev.holdfast.agent;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import android.content.Context;
import android.content.pm.PackageManager;
import android.os.Build;
import dev.holdfast.agent.core.DeviceKey;
import dev.holdfast.agent.keys.KeystoreKey;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.util.Arrays;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.Shadows;
import org.robolectric.annotation.Config;

@RunWith(AgentTestRunner.class)
@Config(sdk = {28, 31, 34, 35}, application = TestApp.class)
public class DeviceKeyTest {
  private static final byte[] CHALLENGE = new byte[32];
  private Context context;
  private DeviceKey key;

  @Before
  public void install() {
    TestApp.reset();
    context = RuntimeEnvironment.getApplication();
    key = new KeystoreKey(context);
  }

  @Test
  public void theSameChallengeFindsTheSameKeyAndAnotherReplacesIt() throws Exception {
    DeviceKey.Made made = key.makeFor(CHALLENGE);
    assertEquals(65, made.publicKey.length);
    assertEquals(3, made.attestationChain.size());
    assertArrayEquals(made.publicKey, new KeystoreKey(context).makeFor(CHALLENGE).publicKey);
    assertArrayEquals(made.publicKey, new KeystoreKey(context).publicKey());
    byte[] other = CHALLENGE.clone();
    other[0] = 1;
    byte[] second = key.makeFor(other).publicKey;
    assertTrue(!Arrays.equals(made.publicKey, second));
    assertArrayEquals(second, key.publicKey());
    assertEquals(1, FakeKeystore.ENTRIES.size());
  }

  @Test
  public void signsInTheOneFormThatTheProtocolHas() throws Exception {
    key.makeFor(CHALLENGE);
    BigInteger half = new BigInteger("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8", 16);
    for (int round = 0; round < 100; round++) {
      byte[] message = {(byte) round};
      byte[] signature = key.sign(message);
      assertEquals(64, signature.length);
      assertTrue("low s", new BigInteger(1, Arrays.copyOfRange(signature, 32, 64)).compareTo(half) <= 0);
      Signature check = Signature.getInstance("SHA256withPLAIN-ECDSA", "BC");
      check.initVerify(FakeKeystore.ENTRIES.values().iterator().next().pair.getPublic());
      check.update(message);
      assertTrue(check.verify(signature));
    }
  }

  @Test
  public void aKeyThatIsGoneIsSaidToBeGone() throws Exception {
    assertNull(key.publicKey());
    assertThrows(GeneralSecurityException.class, () -> key.sign(CHALLENGE));
    key.makeFor(CHALLENGE);
    FakeKeystore.ENTRIES.clear();
    assertNull(key.publicKey());
    assertThrows(GeneralSecurityException.class, () -> key.sign(CHALLENGE));
  }

  @Test
  public void asksForLessUntilThePhoneCanDoIt() throws Exception {
    Shadows.shadowOf(context.getPackageManager())
        .setSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE, true);
    FakeKeystore.refusesProperties = true;
    assertEquals(3, key.makeFor(CHALLENGE).attestationChain.size());
    int refused = Build.VERSION.SDK_INT >= 31 ? 1 : 0;
    assertEquals(refused + 1, FakeKeystore.ASKED.size());
    assertTrue(FakeKeystore.ASKED.get(0).isStrongBoxBacked());

    FakeKeystore.ENTRIES.clear();
    FakeKeystore.refusesAttestation = true;
    assertEquals(0, key.makeFor(CHALLENGE).attestationChain.size());
  }

  @Test
  public void asksForNoUnlocking() throws Exception {
    key.makeFor(CHALLENGE);
    assertTrue(!FakeKeystore.ASKED.get(0).isUserAuthenticationRequired());
    assertTrue(!FakeKeystore.ASKED.get(0).isUnlockedDeviceRequired());
    assertArrayEquals(CHALLENGE, FakeKeystore.ASKED.get(0).getAttestationChallenge());
  }
}
