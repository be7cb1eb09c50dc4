package dev.holdfast.agent.posture;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import dev.holdfast.agent.core.Posture;
import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.annotation.Config;

/** The rules against a platform that does what a test wants of it, at every API level from 26 to 35. */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = 35)
public class PostureRulesTest {
  private static final List<List<String>> COLUMNS =
      List.of(List.of(), FakePlatform.FINANCED, FakePlatform.limited(), FakePlatform.full());

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private int phones;

  private File newFolder() {
    return new File(folder.getRoot(), "phone" + phones++);
  }

  private static Posture posture(List<String> restricted) {
    return new Posture(1, restricted, List.of(FakePlatform.PAY));
  }

  private static List<String> apply(PolicyGateway gateway, File files, List<String> restricted) {
    return new DeviceControls(gateway, files).apply(posture(restricted));
  }

  @Test
  public void everyColumnOfTheTableHoldsAfterEveryOther() {
    for (int api = 26; api <= 35; api++) {
      for (List<String> before : COLUMNS) {
        for (List<String> after : COLUMNS) {
          FakePlatform reached = new FakePlatform(api);
          File files = newFolder();
          assertEquals("API " + api, List.of(), apply(reached, files, before));
          assertEquals("API " + api, List.of(), apply(reached, files, after));
          FakePlatform direct = new FakePlatform(api);
          apply(direct, newFolder(), after);
          assertEquals("API " + api, direct.state(), reached.state());
        }
      }
    }
  }

  @Test
  public void fullTakesWhatItSaysAndLeavesWhatEverybodyNeeds() {
    FakePlatform phone = new FakePlatform(35);
    assertEquals(List.of(), apply(phone, newFolder(), FakePlatform.full()));
    assertEquals(Set.of(FakePlatform.GALLERY, FakePlatform.GAME, FakePlatform.CHAT), phone.suspended);
    assertEquals("refused by the platform and no system app", Set.of(FakePlatform.ADMIN_APP), phone.hidden);
    assertTrue(phone.lockTask.containsAll(List.of(FakePlatform.AGENT, FakePlatform.DIALER, FakePlatform.SMS, FakePlatform.PHONE)));
    assertTrue(phone.lockTask.containsAll(List.of(FakePlatform.KEYBOARD, FakePlatform.SETTINGS, FakePlatform.ALERTS, FakePlatform.PAY)));
    assertFalse(phone.lockTask.contains(FakePlatform.LAUNCHER));
    assertEquals("KEYGUARD, GLOBAL_ACTIONS, SYSTEM_INFO, HOME", 32 | 16 | 1 | 4, phone.features);
    assertEquals(
        Set.of("no_add_user", "no_add_managed_profile", "no_user_switch", "no_grant_admin", "no_add_private_profile", "no_safe_boot",
            "no_factory_reset", "no_outgoing_calls", "no_control_apps", "disallow_config_default_apps", "no_debugging_features"),
        phone.own);
  }

  @Test
  public void restrictionsThatAPhoneDoesNotKnowAreNotAsked() {
    FakePlatform phone = new FakePlatform(26);
    assertEquals(List.of(), apply(phone, newFolder(), FakePlatform.FINANCED));
    assertEquals(
        Set.of("no_add_user", "no_add_managed_profile", "no_safe_boot", "no_factory_reset", "no_debugging_features"), phone.own);
  }

  @Test
  public void notificationsStayUnlessTheStatusBarIsTaken() {
    FakePlatform phone = new FakePlatform(34);
    apply(phone, newFolder(), List.of("lockTask"));
    assertEquals(32 | 16 | 1 | 4 | 2, phone.features);
  }

  @Test
  public void theSamePostureAgainChangesNothing() {
    for (int api : new int[] {28, 31, 34, 35}) {
      FakePlatform phone = new FakePlatform(api);
      File files = newFolder();
      apply(phone, files, FakePlatform.full());
      Wire wire = Wire.to(phone);
      assertEquals(List.of(), apply(wire.gateway(), files, FakePlatform.full()));
      // The status bar cannot be read back before API 34, so it is said again.
      assertEquals(api < 34 ? List.of("setStatusBarDisabled[true]") : List.of(), wire.changes());
    }
  }

  @Test
  public void debuggingIsRestrictedLast() {
    Wire wire = Wire.to(new FakePlatform(35));
    apply(wire.gateway(), newFolder(), FakePlatform.full());
    assertEquals("addRestriction[no_debugging_features]", wire.changes().get(wire.changes().size() - 1));
  }

  @Test
  public void oneRefusedCallCostsItsOwnControlAndNoOther() {
    for (int api : new int[] {28, 31, 34, 35}) {
      Wire clean = Wire.to(new FakePlatform(api));
      apply(clean.gateway(), newFolder(), FakePlatform.full());
      for (String refused : new TreeSet<>(clean.changes())) {
        FakePlatform phone = new FakePlatform(api);
        Wire wire = Wire.to(phone);
        wire.refuses = call -> call.equals(refused) || refused.startsWith("setSuspended") && call.startsWith("setSuspended");
        List<String> drift = apply(wire.gateway(), newFolder(), FakePlatform.full());
        assertEquals("API " + api + " " + refused, ownersOf(refused), drift);
      }
    }
  }

  @Test
  public void oneRefusedCallWhileLiftingIsNamedToo() {
    for (int api : new int[] {28, 31, 34, 35}) {
      Wire clean = Wire.to(new FakePlatform(api));
      File cleanFiles = newFolder();
      apply(clean.gateway(), cleanFiles, FakePlatform.full());
      clean.calls.clear();
      apply(clean.gateway(), cleanFiles, List.of());
      for (String refused : new TreeSet<>(clean.changes())) {
        FakePlatform phone = new FakePlatform(api);
        File files = newFolder();
        apply(phone, files, FakePlatform.full());
        Wire wire = Wire.to(phone);
        wire.refuses = call -> call.equals(refused) || refused.startsWith("setSuspended") && call.startsWith("setSuspended");
        List<String> drift = apply(wire.gateway(), files, List.of());
        // Features alone restrict nothing once no package is left.
        assertEquals("API " + api + " " + refused, refused.startsWith("setLockTaskFeatures") ? List.of() : ownersOf(refused), drift);
        wire.refuses = call -> false;
        assertEquals(List.of(), apply(wire.gateway(), files, List.of()));
      }
    }
  }

  private static List<String> ownersOf(String call) {
    // The gallery is among the apps of both.
    if (call.startsWith("setSuspended")) return List.of("cameraAndGallery", "otherApps");
    Map<String, String> owners =
        Map.ofEntries(
            Map.entry("no_add_user", "addUser"),
            Map.entry("no_add_managed_profile", "addUser"),
            Map.entry("no_user_switch", "addUser"),
            Map.entry("no_grant_admin", "addUser"),
            Map.entry("no_add_private_profile", "addUser"),
            Map.entry("no_safe_boot", "safeMode"),
            Map.entry("no_factory_reset", "factoryReset"),
            Map.entry("no_outgoing_calls", "outgoingCalls"),
            Map.entry("no_control_apps", "settings"),
            Map.entry("disallow_config_default_apps", "settings"),
            Map.entry("no_debugging_features", "debugging"),
            Map.entry("setHidden", "otherApps"),
            Map.entry("setCameraDisabled", "cameraAndGallery"),
            Map.entry("setStatusBarDisabled", "statusBar"),
            Map.entry("setLockTask", "lockTask"),
            Map.entry("makeLockPageHome", "lockTask"),
            Map.entry("giveHomeBack", "lockTask"),
            Map.entry("setUninstallBlocked", "uninstallAgent"),
            Map.entry("setUserControlDisabledPackages", "uninstallAgent"));
    return owners.entrySet().stream().filter(each -> call.contains(each.getKey())).map(Map.Entry::getValue).toList();
  }

  @Test
  public void lockTaskWithoutEmergencyCallIsNoLockTask() {
    for (int api : new int[] {28, 31, 34, 35}) {
      FakePlatform phone = new FakePlatform(api);
      Wire wire = Wire.to(phone);
      wire.refuses = call -> call.startsWith("setLockTaskFeatures");
      assertEquals(List.of("lockTask"), apply(wire.gateway(), newFolder(), FakePlatform.full()));
      assertEquals(Set.of(), phone.lockTask);
    }
  }

  @Test
  public void nothingIsTakenWhileItIsNotKnownWhatThePhoneNeeds() {
    for (String question : List.of("defaultDialer", "defaultSmsApp", "enabledInputMethods", "systemActivities", "isInstalled")) {
      FakePlatform phone = new FakePlatform(34);
      Wire wire = Wire.to(phone);
      wire.refuses = call -> call.startsWith(question);
      List<String> drift = apply(wire.gateway(), newFolder(), FakePlatform.full());
      assertTrue(question, drift.containsAll(List.of("otherApps", "lockTask")));
      assertEquals(question, Set.of(), phone.suspended);
      assertEquals(question, Set.of(), phone.hidden);
      assertEquals(question, Set.of(), phone.lockTask);
      assertTrue("the rest is done", phone.own.contains("no_factory_reset") && phone.camera);
    }
  }

  @Test
  public void whatMayNeverBeRestrictedIsOnlyLiftedAndSaidSo() {
    List<String> never =
        List.of("emergencyCall", "incomingCalls", "supportLine", "payApp", "internet", "messagesAndAlerts", "dateAndTime");
    List<String> lifted =
        List.of("no_adjust_volume", "no_config_wifi", "no_config_mobile_networks", "no_data_roaming", "no_network_reset",
            "no_change_wifi_state", "no_add_wifi_config", "no_sms", "no_config_cell_broadcasts", "no_config_date_time");
    FakePlatform phone = new FakePlatform(35);
    phone.own.addAll(lifted);
    assertEquals(new TreeSet<>(never), new TreeSet<>(apply(phone, newFolder(), never)));
    assertEquals(Set.of(), phone.own);
  }

  @Test
  public void anUnknownNameIsDrift() {
    assertEquals(List.of("teleport"), apply(new FakePlatform(31), newFolder(), List.of("teleport")));
  }

  @Test
  public void withoutOwnershipNothingIsApplied() {
    FakePlatform phone = new FakePlatform(31);
    phone.owner = false;
    assertThrows(IllegalStateException.class, () -> apply(phone, newFolder(), List.of()));
  }

  @Test
  public void whatOthersRestrictOrSuspendStaysTheirs() {
    FakePlatform phone = new FakePlatform(31);
    phone.others.add("no_add_user");
    phone.suspendedByOthers.add(FakePlatform.CHAT);
    File files = newFolder();
    assertEquals(List.of(), apply(phone, files, FakePlatform.full()));
    assertFalse("not taken, so not ours to give back", phone.suspended.contains(FakePlatform.CHAT));
    assertEquals(List.of(), apply(phone, files, List.of()));
    assertEquals(Set.of(), phone.own);
    assertTrue(phone.isRestricted("no_add_user"));
    assertTrue(phone.isSuspended(FakePlatform.CHAT));
  }

  @Test
  public void anAppInstalledMeanwhileIsTakenAndOneRemovedIsForgotten() {
    FakePlatform phone = new FakePlatform(31);
    File files = newFolder();
    apply(phone, files, FakePlatform.limited());
    phone.installed.add("com.example.fresh");
    phone.launchable.add("com.example.fresh");
    phone.installed.remove(FakePlatform.GAME);
    phone.suspended.remove(FakePlatform.GAME);
    assertEquals(List.of(), apply(phone, files, FakePlatform.limited()));
    assertTrue(phone.suspended.contains("com.example.fresh"));
    assertEquals(List.of(), apply(phone, files, List.of()));
    assertEquals(Set.of(), phone.suspended);
    assertTrue(new HeldAppsFile(files).read().suspended.isEmpty());
  }

  @Test
  public void aNewDialerIsGivenBackAtTheNextLook() {
    FakePlatform phone = new FakePlatform(34);
    File files = newFolder();
    apply(phone, files, FakePlatform.full());
    phone.dialer = FakePlatform.CHAT;
    assertEquals(List.of(), apply(phone, files, FakePlatform.full()));
    assertFalse(phone.suspended.contains(FakePlatform.CHAT));
    assertTrue(phone.lockTask.contains(FakePlatform.CHAT));
  }

  @Test
  public void aNoteThatCannotBeReadGivesBackEverythingSuspended() throws Exception {
    FakePlatform phone = new FakePlatform(34);
    File files = newFolder();
    apply(phone, files, FakePlatform.limited());
    java.nio.file.Files.writeString(new File(files, "held-apps").toPath(), "holdfast held apps 1\nsuspended com.exa");
    assertEquals(List.of(), apply(phone, files, List.of()));
    assertEquals(Set.of(), phone.suspended);
    assertEquals(Set.of(), phone.hidden);
  }

  @Test
  public void essentialAppsAreNeverTakenWhateverIsInstalled() {
    Random random = new Random(20240607);
    for (int round = 0; round < 400; round++) {
      FakePlatform phone = new FakePlatform(26 + random.nextInt(10));
      List<String> apps = new ArrayList<>();
      for (int index = 0; index < random.nextInt(30); index++) {
        String app = "com.random.app" + random.nextInt(40);
        apps.add(app);
        phone.installed.add(app);
        if (random.nextInt(4) > 0) phone.launchable.add(app);
        if (random.nextInt(3) == 0) phone.galleries.add(app);
        if (random.nextInt(4) == 0) phone.system.add(app);
        if (random.nextInt(5) == 0) phone.unsuspendable.add(app);
        if (random.nextInt(6) == 0) phone.accessibility.add(app);
        if (random.nextInt(6) == 0) phone.suspendedByOthers.add(app);
        if (random.nextInt(8) == 0) phone.dialer = app;
        if (random.nextInt(8) == 0) phone.sms = app;
      }
      List<String> open = apps.stream().filter(each -> random.nextInt(5) == 0).toList();
      Set<String> needed = new TreeSet<>(open);
      needed.addAll(phone.accessibility);
      needed.addAll(Arrays.asList(phone.dialer, phone.sms, FakePlatform.KEYBOARD, FakePlatform.SETTINGS, FakePlatform.ALERTS));
      needed.addAll(Arrays.asList(FakePlatform.PHONE, FakePlatform.LAUNCHER, FakePlatform.AGENT));
      File files = newFolder();
      List<String> before = List.copyOf(phone.suspendedByOthers);
      Wire wire = Wire.to(phone);
      DeviceControls controls = new DeviceControls(wire.gateway(), files);
      controls.apply(new Posture(1, random.nextBoolean() ? FakePlatform.full() : FakePlatform.limited(), open));
      for (String call : wire.calls) {
        if (call.startsWith("setSuspended") && call.endsWith("true]") || call.startsWith("setHidden") && call.endsWith("true]")) {
          String list = call.substring(call.indexOf('[') + 1, call.lastIndexOf(", true"));
          Set<String> touched = new TreeSet<>(Arrays.asList(list.replaceAll("[\\[\\]]", "").split(", ")));
          touched.retainAll(needed);
          assertEquals("round " + round, Set.of(), touched);
        }
      }
      assertEquals(List.of(), controls.apply(posture(List.of())));
      assertEquals("round " + round, Set.of(), phone.suspended);
      assertEquals("round " + round, Set.of(), phone.hidden);
      assertEquals(before, List.copyOf(phone.suspendedByOthers));
    }
  }

  @Test
  public void whateverFailedBeforeTheNextCleanLookPutsItRight() {
    Random random = new Random(7);
    for (int round = 0; round < 150; round++) {
      int api = 26 + random.nextInt(10);
      FakePlatform phone = new FakePlatform(api);
      phone.suspendedByOthers.add(FakePlatform.CHAT);
      File files = newFolder();
      Wire wire = Wire.to(phone);
      wire.refuses = call -> !call.matches("^(apiLevel|ownPackage|isDeviceOwner|elapsedMs).*") && random.nextInt(6) == 0;
      for (int step = 0; step < 4; step++) {
        apply(wire.gateway(), files, COLUMNS.get(random.nextInt(COLUMNS.size())));
        if (api >= 28 && api < 34 && phone.lockTask.contains(FakePlatform.AGENT)) {
          assertEquals(LockTaskSwitch.EMERGENCY_FEATURES, phone.features & LockTaskSwitch.EMERGENCY_FEATURES);
        }
        for (String open : List.of(FakePlatform.DIALER, FakePlatform.SMS, FakePlatform.SETTINGS, FakePlatform.PAY)) {
          assertFalse(open, phone.isSuspended(open) || phone.hidden.contains(open));
        }
      }
      List<String> last = COLUMNS.get(random.nextInt(COLUMNS.size()));
      // An app hidden meanwhile stays hidden while it is wanted held: that holds as well.
      assertEquals("round " + round, List.of(), apply(phone, files, last));
      assertEquals("round " + round, List.of(), apply(phone, files, List.of()));
      FakePlatform never = new FakePlatform(api);
      never.suspendedByOthers.add(FakePlatform.CHAT);
      apply(never, newFolder(), List.of());
      assertEquals("round " + round, never.state().replace("words", ""), phone.state().replace("words", ""));
    }
  }

  @Test
  public void theSupportLineGetsThroughForThreeMinutes() {
    FakePlatform phone = new FakePlatform(34);
    DeviceControls controls = new DeviceControls(phone, newFolder());
    controls.apply(posture(FakePlatform.full()));
    controls.letSupportCallThrough();
    assertFalse(phone.isRestricted("no_outgoing_calls"));
    assertEquals(List.of("outgoingCalls"), controls.apply(posture(FakePlatform.full())));
    phone.elapsedMs += 3 * 60 * 1000;
    assertEquals(List.of(), controls.apply(posture(FakePlatform.full())));
    assertTrue(phone.isRestricted("no_outgoing_calls"));
  }
}
