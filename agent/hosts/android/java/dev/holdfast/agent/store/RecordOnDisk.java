package dev.holdfast.agent.store;

import dev.holdfast.agent.core.BorrowersRecord;
import dev.holdfast.agent.store.RecordFrames.Frame;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import dev.holdfast.agent.wire.MessageWriter;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** record.bin: the twin of agent/hosts/node/borrowers-record.ts, to the byte. */
final class RecordOnDisk implements BorrowersRecord {
  /** Entries and bytes between two checkpoints that are kept in the file. It holds twice as much at most. */
  private static final int ENTRIES_BETWEEN_CHECKPOINTS = 2048;

  private static final int BYTES_BETWEEN_CHECKPOINTS = 512 * 1024;
  private static final int RECORD_FORMAT_VERSION = 1;

  private final File file;
  private final File before;
  private List<Frame> frames;

  /** Opens the record. @throws IOException if it is there and cannot be read. */
  RecordOnDisk(File file, File before) throws IOException {
    this.file = file;
    this.before = before;
    frames = RecordFrames.read(AtomicFile.read(file));
  }

  @Override
  public void append(List<byte[]> entries) throws IOException {
    if (entries.isEmpty()) {
      return;
    }
    List<Frame> added = new ArrayList<Frame>();
    for (byte[] entry : entries) {
      added.add(entryFrame(entry));
    }
    long first = added.get(0).number;
    boolean follows = first > base() && first <= lastNumber() + 1;
    boolean beginsAnew = first == 1 && lastNumber() > added.size();
    if (follows && !beginsAnew) {
      cutFrom(first);
    } else {
      putAside();
    }
    write(added);
  }

  @Override
  public boolean wantsCheckpoint() {
    return !beginsWhole() || isLong();
  }

  @Override
  public void keep(byte[] checkpointEnvelope) throws IOException {
    Frame checkpoint = checkpointFrame(checkpointEnvelope);
    if (checkpoint.number != lastNumber() || (beginsWhole() && !isLong())) {
      return;
    }
    int dropped = beginsWhole() ? Math.max(0, lastCheckpoint()) : frames.size();
    if (dropped == 0) {
      write(Collections.singletonList(checkpoint));
      return;
    }
    List<Frame> kept = new ArrayList<Frame>(frames.subList(dropped, frames.size()));
    kept.add(checkpoint);
    AtomicFile.replace(file, RecordFrames.write(kept));
    frames = kept;
  }

  @Override
  public byte[] fileEndingWith(byte[] checkpointEnvelope, byte[] devicePublicKey) {
    long through = RecordFrames.checkpoint(checkpointEnvelope).number;
    List<byte[]> entries = new ArrayList<byte[]>();
    for (Frame frame : frames) {
      if (frame.kind == RecordFrames.ENTRY && frame.number <= through) {
        entries.add(frame.content);
      }
    }
    // What is not there cannot be given: then the file begins where it ends, and says so.
    boolean isWhole = beginsWhole() && base() + entries.size() == through;
    byte[] first = base() > 0 ? frames.get(0).content : new byte[0];
    return new MessageWriter()
        .number(Fields.RecordFile.FORMAT_VERSION, RECORD_FORMAT_VERSION)
        .bytes(Fields.RecordFile.BEGINS_AFTER, isWhole ? first : checkpointEnvelope)
        .chunks(Fields.RecordFile.ENTRIES, isWhole ? entries : Collections.<byte[]>emptyList())
        .bytes(Fields.RecordFile.ENDS_WITH, checkpointEnvelope)
        .bytes(Fields.RecordFile.DEVICE_PUBLIC_KEY, devicePublicKey)
        .toBytes();
  }

  @Override
  public List<Message> last(int most) {
    List<Message> decisions = new ArrayList<Message>();
    for (int index = frames.size() - 1; index >= 0 && decisions.size() < most; index--) {
      Frame frame = frames.get(index);
      if (frame.kind == RecordFrames.ENTRY) {
        decisions.add(Message.read(Message.read(frame.content).bytes(Fields.RecordEntry.DECISION)));
      }
    }
    Collections.reverse(decisions);
    return decisions;
  }

  private long base() {
    return !frames.isEmpty() && frames.get(0).kind == RecordFrames.CHECKPOINT ? frames.get(0).number : 0;
  }

  private long lastNumber() {
    return frames.isEmpty() ? 0 : frames.get(frames.size() - 1).number;
  }

  private boolean beginsWhole() {
    return frames.isEmpty() || frames.get(0).kind == RecordFrames.CHECKPOINT || frames.get(0).number == 1;
  }

  private int lastCheckpoint() {
    int at = frames.size() - 1;
    while (at >= 0 && frames.get(at).kind != RecordFrames.CHECKPOINT) {
      at--;
    }
    return at;
  }

  private boolean isLong() {
    int at = lastCheckpoint();
    int entries = frames.size() - 1 - at;
    int bytes = end(frames) - end(frames.subList(0, Math.max(0, at)));
    return entries >= ENTRIES_BETWEEN_CHECKPOINTS || bytes >= BYTES_BETWEEN_CHECKPOINTS;
  }

  private void write(List<Frame> added) throws IOException {
    int end = end(frames);
    RandomAccessFile out = new RandomAccessFile(file, "rw");
    try {
      out.setLength(end);
      out.seek(end);
      out.write(RecordFrames.write(added));
      out.getFD().sync();
    } finally {
      out.close();
    }
    if (end == 0) {
      AtomicFile.syncFolder(file.getParentFile());
    }
    List<Frame> all = new ArrayList<Frame>(frames);
    all.addAll(added);
    frames = all;
  }

  private void cutFrom(long number) {
    for (int index = 0; index < frames.size(); index++) {
      if (frames.get(index).number >= number) {
        frames = new ArrayList<Frame>(frames.subList(0, index));
        return;
      }
    }
  }

  private void putAside() throws IOException {
    if (!frames.isEmpty() && !file.renameTo(before)) {
      throw new IOException("not put aside");
    }
    frames = new ArrayList<Frame>();
  }

  private static int end(List<Frame> frames) {
    int bytes = 0;
    for (Frame frame : frames) {
      bytes += frame.size();
    }
    return bytes;
  }

  /** What the engine says and nobody can read is not stored: the event has not happened. */
  private static Frame entryFrame(byte[] entry) throws IOException {
    try {
      return RecordFrames.entry(entry);
    } catch (IllegalArgumentException unreadable) {
      throw new IOException("not an entry", unreadable);
    }
  }

  private static Frame checkpointFrame(byte[] envelope) throws IOException {
    try {
      return RecordFrames.checkpoint(envelope);
    } catch (IllegalArgumentException unreadable) {
      throw new IOException("not a checkpoint", unreadable);
    }
  }
}
