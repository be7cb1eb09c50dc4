package dev.holdfast.agent.posture;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import dev.holdfast.agent.core.Posture;
import java.io.File;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.annotation.Config;

/** The process dies before every single call to the platform, starts again and does the same once more: the end is the same. */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = 35)
public class PowerCutTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private int phones;
  private int cuts;

  /** A phone and what the agent wrote on it. */
  private final class Phone {
    final FakePlatform platform;
    final File files = new File(folder.getRoot(), "phone" + phones++);

    Phone(int api) {
      platform = new FakePlatform(api);
      platform.suspendedByOthers.add(FakePlatform.CHAT);
      platform.others.add("no_add_user");
    }

    boolean run(List<String> restricted, int diesBefore) {
      Wire wire = Wire.to(platform);
      wire.diesBefore = diesBefore;
      try {
        DeviceControls controls = new DeviceControls(wire.gateway(), files);
        if (restricted == null) {
          assertTrue(controls.returnOwnership());
        } else {
          assertEquals(List.of(), controls.apply(new Posture(1, restricted, List.of(FakePlatform.PAY))));
        }
        return true;
      } catch (Wire.PowerCut cut) {
        return false;
      }
    }

    String end() throws Exception {
      File note = new File(files, "held-apps");
      return platform.state() + "\n" + (note.exists() ? Files.readString(note.toPath()) : "no note");
    }
  }

  private void cutEverywhere(int api, List<String> before, List<String> after) throws Exception {
    Phone whole = new Phone(api);
    whole.run(before, -1);
    whole.run(after, -1);
    for (int cut = 0; ; cut++) {
      Phone phone = new Phone(api);
      phone.run(before, -1);
      boolean done = phone.run(after, cut);
      // Whatever is held at this moment is written down: nothing taken can be forgotten.
      HeldAppsFile.Note note = new HeldAppsFile(phone.files).read();
      assertTrue(!phone.platform.owner || note.suspended.containsAll(phone.platform.suspended));
      assertTrue(!phone.platform.owner || note.hidden.containsAll(phone.platform.hidden));
      // Nobody is ever without emergency call: pinned without KEYGUARD is a moment that does not exist where features come first.
      if (api >= 28 && api < 34 && phone.platform.lockTask.contains(FakePlatform.AGENT)) {
        assertEquals(LockTaskSwitch.EMERGENCY_FEATURES, phone.platform.features & LockTaskSwitch.EMERGENCY_FEATURES);
      }
      if (done) {
        break;
      }
      cuts++;
      assertTrue(phone.run(after, -1));
      assertEquals("API " + api + ", cut " + cut, whole.end(), phone.end());
      assertTrue(phone.platform.isSuspended(FakePlatform.CHAT));
      assertTrue(phone.platform.isRestricted("no_add_user"));
    }
  }

  @Test
  public void whileLockingAndUnlocking() throws Exception {
    for (int api : new int[] {28, 35}) {
      cutEverywhere(api, List.of(), FakePlatform.full());
      cutEverywhere(api, FakePlatform.full(), FakePlatform.FINANCED);
      cutEverywhere(api, FakePlatform.full(), FakePlatform.limited());
    }
    assertTrue("calls that were cut: " + cuts, cuts > 600);
    System.out.println("power cuts while locking and unlocking: " + cuts);
  }

  @Test
  public void whileGivingThePhoneBack() throws Exception {
    for (int api : new int[] {28, 31, 34, 35}) {
      cutEverywhere(api, List.of(), null);
      cutEverywhere(api, FakePlatform.full(), null);
    }
    System.out.println("power cuts while giving the phone back: " + cuts);
  }

  /** Dying again and again, one call further each time, ends there as well. */
  @Test
  public void dyingAtEveryCallInTurn() throws Exception {
    Phone whole = new Phone(34);
    whole.run(FakePlatform.full(), -1);
    whole.run(null, -1);
    Phone phone = new Phone(34);
    for (int cut = 0; !phone.run(FakePlatform.full(), cut); cut++) {}
    for (int cut = 0; !phone.run(null, cut); cut++) {}
    assertEquals(whole.end(), phone.end());
    assertFalse(phone.platform.owner);
    assertEquals(Set.of(), phone.platform.own);
  }
}
