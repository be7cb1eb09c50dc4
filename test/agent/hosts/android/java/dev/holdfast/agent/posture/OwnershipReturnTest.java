package dev.holdfast.agent.posture;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import dev.holdfast.agent.core.Posture;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.annotation.Config;

/** The way out: in order, complete, and only then. */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = 35)
public class OwnershipReturnTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private int phones;

  private FakePlatform locked(int api, File files) {
    FakePlatform phone = new FakePlatform(api);
    DeviceControls controls = new DeviceControls(phone, files);
    assertEquals(List.of(), controls.apply(new Posture(1, FakePlatform.full(), List.of())));
    controls.disclose("Lender", "short", "long", "lock screen");
    controls.facts();
    phone.resetProtection = api >= 30;
    phone.own.add("no_bluetooth_sharing");
    return phone;
  }

  private File newFolder() {
    return new File(folder.getRoot(), "phone" + phones++);
  }

  @Test
  public void theOrderIsTheOneThatLeavesNothingBehind() {
    File files = newFolder();
    Wire wire = Wire.to(locked(31, files));
    assertTrue(new DeviceControls(wire.gateway(), files).returnOwnership());
    List<String> steps =
        List.of("setLockTaskPackages", "setLockTaskFeatures", "clearRestriction", "clearResetProtectionPolicy", "setCameraDisabled",
            "setSuspended", "setHidden", "setStatusBarDisabled", "setUninstallBlocked", "setUserControlDisabledPackages",
            "giveHomeBack", "setOrganizationName", "setShortSupportMessage", "setLongSupportMessage", "setLockScreenInfo",
            "ungrantReadPhoneState", "clearDeviceOwner");
    List<String> done = new ArrayList<>();
    for (String call : wire.changes()) {
      String name = call.substring(0, call.indexOf('['));
      if (!done.contains(name)) done.add(name);
    }
    assertEquals(steps, done);
    assertEquals("clearDeviceOwner[]", wire.changes().get(wire.changes().size() - 1));
    int cleared = wire.calls.indexOf("clearDeviceOwner[]");
    assertTrue("everything was read back first", wire.calls.subList(0, cleared).contains("isLockPageHome[]"));
  }

  @Test
  public void nothingIsLeft() {
    for (int api = 26; api <= 35; api++) {
      File files = newFolder();
      FakePlatform phone = locked(api, files);
      assertTrue(new DeviceControls(phone, files).returnOwnership());
      FakePlatform free = new FakePlatform(api);
      free.own.clear();
      free.owner = false;
      assertEquals(free.state(), phone.state());
      assertEquals(0, files.list().length);
      assertTrue("again", new DeviceControls(phone, files).returnOwnership());
    }
  }

  @Test
  public void ownershipIsKeptWhileAnythingIsLeft() {
    for (int api : new int[] {28, 31, 34, 35}) {
      File cleanFiles = newFolder();
      Wire clean = Wire.to(locked(api, cleanFiles));
      assertTrue(new DeviceControls(clean.gateway(), cleanFiles).returnOwnership());
      for (String refused : new TreeSet<>(clean.changes())) {
        File files = newFolder();
        FakePlatform phone = locked(api, files);
        Wire wire = Wire.to(phone);
        wire.refuses = call -> call.equals(refused) || refused.startsWith("setSuspended") && call.startsWith("setSuspended");
        boolean gone = new DeviceControls(wire.gateway(), files).returnOwnership();
        assertEquals("what the call says is what is", !phone.owner, gone);
        // Words, a permission, features without packages, a restriction that the table does not have: they go with ownership.
        boolean harmless = refused.matches("^(setOrg|setShort|setLong|setLockScreen|ungrant|setLockTaskFeatures).*|.*bluetooth.*");
        assertEquals("API " + api + " " + refused, harmless, gone);
        assertTrue(new DeviceControls(phone, files).returnOwnership());
      }
    }
  }

  @Test
  public void beforeTheFirstUnlockItWaits() {
    File files = newFolder();
    FakePlatform phone = locked(34, files);
    phone.unlocked = false;
    DeviceControls controls = new DeviceControls(phone, files);
    assertFalse(controls.returnOwnership());
    assertEquals("but nothing is restricted meanwhile", Set.of(), phone.own);
    phone.unlocked = true;
    assertTrue(controls.returnOwnership());
  }

  @Test
  public void whatAnotherSuspendedOrRestrictedDoesNotHoldItUp() {
    File files = newFolder();
    FakePlatform phone = new FakePlatform(31);
    phone.suspendedByOthers.add(FakePlatform.GAME);
    phone.others.add("no_factory_reset");
    new DeviceControls(phone, files).apply(new Posture(1, FakePlatform.full(), List.of()));
    assertTrue(new DeviceControls(phone, files).returnOwnership());
    assertTrue(phone.isSuspended(FakePlatform.GAME));
  }
}
