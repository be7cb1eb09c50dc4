package dev.holdfast.agent.posture;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import dev.holdfast.agent.core.HandsetControls.Facts;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.annotation.Config;

/** What the platform says, and what is said when it says nothing. */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = 35)
public class FactsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void theDeviceOwnerReadsThemAll() {
    FakePlatform phone = new FakePlatform(34);
    DeviceControls controls = new DeviceControls(phone, folder.getRoot());
    Facts facts = controls.facts();
    assertTrue(facts.deviceOwner);
    assertEquals(phone.imeis, facts.imeis);
    assertEquals("R58M12ABCDE", facts.serial);
    assertEquals(List.of(1, 2, 3, 4, 5, 6), facts.essentialRoles);
    assertEquals(
        List.of(FakePlatform.DIALER, FakePlatform.SMS, FakePlatform.KEYBOARD, FakePlatform.SETTINGS, FakePlatform.ALERTS, FakePlatform.PHONE),
        facts.essentialPackages);
    assertEquals(32, facts.simDigest.length);
    assertEquals(0, facts.attestationDigest.length);
    controls.setAttestationDigest(new byte[] {1, 2, 3});
    assertArrayEquals(new byte[] {1, 2, 3}, controls.facts().attestationDigest);
  }

  @Test
  public void withoutOwnershipNothingIsKnownAndNothingAsked() {
    FakePlatform phone = new FakePlatform(34);
    phone.owner = false;
    Wire wire = Wire.to(phone);
    Facts facts = new DeviceControls(wire.gateway(), folder.getRoot()).facts();
    assertFalse(facts.deviceOwner);
    assertEquals(List.of(), facts.imeis);
    assertEquals("", facts.serial);
    assertEquals(0, facts.simDigest.length);
    assertFalse(facts.essentialPackages.isEmpty());
    assertEquals(List.of(), wire.changes());
  }

  @Test
  public void everyQuestionMayFailAndTheRestIsTold() {
    Wire clean = Wire.to(new FakePlatform(34));
    new DeviceControls(clean.gateway(), folder.getRoot()).facts();
    for (String refused : clean.calls) {
      if (refused.startsWith("ownPackage") || refused.startsWith("apiLevel")) continue;
      Wire wire = Wire.to(new FakePlatform(34));
      wire.refuses = refused::equals;
      Facts facts = new DeviceControls(wire.gateway(), folder.getRoot()).facts();
      assertTrue(refused, facts.essentialPackages.size() >= 4);
      assertEquals(refused, refused.startsWith("imei") || refused.startsWith("modemCount") || facts.serial.isEmpty(),
          facts.imeis.isEmpty() || facts.serial.isEmpty());
    }
  }

  @Test
  public void theSimDigestIsSaltedStaysTheSameAndTellsAnotherSim() throws Exception {
    File files = folder.getRoot();
    FakePlatform phone = new FakePlatform(34);
    byte[] first = new DeviceControls(phone, files).facts().simDigest;
    assertArrayEquals(first, new DeviceControls(phone, files).facts().simDigest);
    assertFalse(Arrays.equals(MessageDigest.getInstance("SHA-256").digest("1;".getBytes(StandardCharsets.US_ASCII)), first));
    assertFalse(Arrays.equals(first, new DeviceControls(phone, folder.newFolder()).facts().simDigest));
    phone.subscriptions = List.of(2);
    assertFalse(Arrays.equals(first, new DeviceControls(phone, files).facts().simDigest));
    phone.subscriptions = List.of();
    assertEquals(0, new DeviceControls(phone, files).facts().simDigest.length);
  }

  @Test
  public void aPackageHasItsFirstRoleOnly() {
    FakePlatform phone = new FakePlatform(34);
    phone.sms = FakePlatform.DIALER;
    phone.accessibility.add("com.example.reader");
    Facts facts = new DeviceControls(phone, folder.getRoot()).facts();
    assertEquals(1, facts.essentialPackages.stream().filter(FakePlatform.DIALER::equals).count());
    assertEquals(6, (int) facts.essentialRoles.get(facts.essentialPackages.indexOf("com.example.reader")));
  }
}
