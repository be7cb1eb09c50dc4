package dev.holdfast.agent.core;

import dev.holdfast.agent.wire.Message;
import java.io.IOException;
import java.util.List;

/** The borrower's record on disk: every decision with what moved it, appended before the ledger is written. */
public interface BorrowersRecord {
  /**
   * Appends an event's entries (RecordEntry), on disk when it returns. Entries of the same numbers or higher ones that are there were
   * never decided, and go first. Entries that do not follow from what is there begin a record of their own; the old one is put aside.
   */
  void append(List<byte[]> entries) throws IOException;

  /** The file has grown, or does not begin at a beginning: a checkpoint would let it begin at one. */
  boolean wantsCheckpoint();

  /** Keeps a checkpoint that is wanted, and drops what is older than the one before it. */
  void keep(byte[] checkpointEnvelope) throws IOException;

  /** The borrower's file (RecordFile): everything that is kept, up to a checkpoint. */
  byte[] fileEndingWith(byte[] checkpointEnvelope, byte[] devicePublicKey);

  /** The last decisions (Decision), the latest last. */
  List<Message> last(int most);
}
