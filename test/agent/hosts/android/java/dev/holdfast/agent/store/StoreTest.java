package dev.holdfast.agent.store;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import android.app.admin.DevicePolicyManager;
import android.content.ComponentName;
import android.content.Context;
import dev.holdfast.agent.AdminReceiver;
import dev.holdfast.agent.AgentTestRunner;
import dev.holdfast.agent.StandIn;
import dev.holdfast.agent.core.BorrowersRecord;
import dev.holdfast.agent.core.StartLog;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import dev.holdfast.agent.wire.MessageWriter;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.AfterClass;
import org.junit.Before;
import org.junit.BeforeClass;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.Shadows;
import org.robolectric.annotation.Config;

@RunWith(AgentTestRunner.class)
@Config(sdk = {28, 35}, application = android.app.Application.class)
public class StoreTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private static StandIn node;
  private File record;

  @BeforeClass
  public static void begin() {
    node = new StandIn();
  }

  @AfterClass
  public static void end() {
    node.close();
  }

  @Before
  public void place() {
    record = new File(folder.getRoot(), "record.bin");
  }

  private BorrowersRecord open() throws IOException {
    return new RecordOnDisk(record, new File(folder.getRoot(), "record.before.bin"));
  }

  private static byte[] entry(long number, String detail) {
    MessageWriter decision =
        new MessageWriter().number(Fields.Decision.NUMBER, number).text(Fields.Decision.DETAIL, detail);
    return new MessageWriter().bytes(Fields.RecordEntry.DECISION, decision.toBytes()).toBytes();
  }

  private static List<String> details(BorrowersRecord record) {
    List<String> details = new ArrayList<>();
    for (Message decision : record.last(10_000)) {
      details.add(decision.text(Fields.Decision.DETAIL));
    }
    return details;
  }

  @Test
  public void whatJavaWritesNodeReadsAndTheOtherWayRound() throws Exception {
    BorrowersRecord ours = open();
    ours.append(List.of(entry(1, "one"), entry(2, "zwei")));
    ours.append(List.of(entry(3, "तीन")));
    assertEquals(List.of("one", "zwei", "तीन"), details(open()));
    List<String> read = new ArrayList<>();
    for (byte[] detail : node.ask("readRecord", StandIn.text(record))) {
      read.add(new String(detail, StandardCharsets.UTF_8));
    }
    assertEquals(List.of("one", "zwei", "तीन"), read);

    byte[] javas = Files.readAllBytes(record.toPath());
    Files.delete(record.toPath());
    node.ask("writeRecord", StandIn.text(record), StandIn.text("one"), StandIn.text("zwei"), StandIn.text("तीन"));
    assertArrayEquals("the same bytes", javas, Files.readAllBytes(record.toPath()));
  }

  @Test
  public void atEachByteOfATornTailTheWholeEntriesBeforeItAreThere() throws Exception {
    open().append(List.of(entry(1, "a"), entry(2, "b")));
    int two = (int) record.length();
    open().append(List.of(entry(3, "c")));
    byte[] whole = Files.readAllBytes(record.toPath());
    for (int length = two; length < whole.length; length++) {
      Files.write(record.toPath(), Arrays.copyOf(whole, length));
      BorrowersRecord torn = open();
      assertEquals(List.of("a", "b"), details(torn));
      torn.append(List.of(entry(3, "d")));
      assertEquals(List.of("a", "b", "d"), details(open()));
    }
    for (int at = two; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 1;
      Files.write(record.toPath(), damaged);
      assertEquals(List.of("a", "b"), details(open()));
    }
  }

  @Test
  public void entriesThatWereNeverDecidedGoAndStrangersArePutAside() throws Exception {
    BorrowersRecord ours = open();
    ours.append(List.of(entry(1, "a"), entry(2, "before"), entry(3, "before")));
    ours.append(List.of(entry(2, "after")));
    assertEquals(List.of("a", "after"), details(open()));
    ours.append(List.of(entry(9, "far")));
    assertEquals(List.of("far"), details(open()));
    assertTrue(new File(folder.getRoot(), "record.before.bin").exists());
    assertTrue(ours.wantsCheckpoint());
    ours.keep(node.checkpoint(9));
    assertFalse(ours.wantsCheckpoint());
    ours.append(List.of(entry(10, "next")));
    assertEquals(List.of("next"), details(open()));
  }

  @Test
  public void aLongRecordIsShortenedAtACheckpoint() throws Exception {
    BorrowersRecord ours = open();
    for (int round = 0; round < 3; round++) {
      List<byte[]> entries = new ArrayList<>();
      for (int number = 1; number <= 2048; number++) {
        entries.add(entry(round * 2048 + number, "x"));
      }
      ours.append(entries);
      assertTrue(ours.wantsCheckpoint());
      ours.keep(node.checkpoint((round + 1) * 2048));
      assertFalse(ours.wantsCheckpoint());
    }
    Message file = Message.read(open().fileEndingWith(node.checkpoint(3 * 2048), new byte[65]));
    assertTrue(file.has(Fields.RecordFile.BEGINS_AFTER));
    assertEquals(2048, file.chunks(Fields.RecordFile.ENTRIES).size());
  }

  @Test
  public void aFileIsAllOfTheOldOrAllOfTheNew() throws Exception {
    File file = new File(folder.getRoot(), "ledger.bin");
    assertEquals(0, AtomicFile.read(file).length);
    AtomicFile.replace(file, new byte[] {1, 2, 3});
    // A crash in the middle leaves this, and it is of no consequence.
    Files.write(new File(folder.getRoot(), "ledger.bin.new").toPath(), new byte[] {9});
    assertArrayEquals(new byte[] {1, 2, 3}, AtomicFile.read(file));
    AtomicFile.replace(file, new byte[] {4});
    assertArrayEquals(new byte[] {4}, AtomicFile.read(file));
    File nowhere = new File(folder.getRoot(), "gone/ledger.bin");
    assertThrows(IOException.class, () -> AtomicFile.replace(nowhere, new byte[1]));
    File aFolder = folder.newFolder("unreadable");
    assertThrows("there, and cannot be read: not the same as lost", IOException.class, () -> AtomicFile.read(aFolder));
  }

  @Test
  public void theAnchorOutlivesTheFolderAndAnOldCopyOfItIsNotBelieved() throws Exception {
    Context context = RuntimeEnvironment.getApplication();
    ComponentName admin = new ComponentName(context, AdminReceiver.class);
    DevicePolicyManager policies = (DevicePolicyManager) context.getSystemService(Context.DEVICE_POLICY_SERVICE);
    OwnersNote note = new OwnersNote(context, admin);
    File file = new File(folder.getRoot(), "anchor.bin");

    Anchor anchor = new TwoPlaces(note, folder.getRoot());
    assertEquals(0, anchor.read().length);
    anchor.write(new byte[] {1});
    assertTrue("not device owner: beside the ledger", file.exists());
    byte[] old = Files.readAllBytes(file.toPath());
    anchor.write(new byte[] {2});
    assertArrayEquals(new byte[] {2}, new TwoPlaces(note, folder.getRoot()).read());

    Shadows.shadowOf(policies).setDeviceOwner(admin);
    anchor.write(new byte[] {3});
    assertArrayEquals(new byte[] {3}, new TwoPlaces(note, folder.getRoot()).read());
    Files.delete(file.toPath());
    assertArrayEquals(new byte[] {3}, new TwoPlaces(note, folder.getRoot()).read());
    Files.write(file.toPath(), old);
    assertArrayEquals(new byte[] {3}, new TwoPlaces(note, folder.getRoot()).read());
    Files.write(file.toPath(), new byte[] {1, 2});
    assertArrayEquals(new byte[] {3}, new TwoPlaces(note, folder.getRoot()).read());
  }

  @Test
  public void startsAreKeptAndRubbishIsNone() throws Exception {
    StartsFile starts = new StartsFile(folder.getRoot());
    assertEquals(0, starts.read().size());
    starts.write(List.of(new StartLog.Start(3, 4), new StartLog.Start(3, 5)));
    assertEquals(5, starts.read().get(1).elapsedMillis);
    try (RandomAccessFile torn = new RandomAccessFile(new File(folder.getRoot(), "starts.bin"), "rw")) {
      torn.setLength(17);
    }
    assertEquals(1, starts.read().size());
  }
}
