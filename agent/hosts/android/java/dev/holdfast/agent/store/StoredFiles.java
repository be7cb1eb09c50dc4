package dev.holdfast.agent.store;

import dev.holdfast.agent.core.BorrowersRecord;
import dev.holdfast.agent.core.HandsetFiles;
import java.io.File;
import java.io.IOException;

/** ledger.bin and record.bin in a folder that is there before the first unlock, and the anchor elsewhere. */
public final class StoredFiles implements HandsetFiles {
  private final File ledger;
  private final File record;
  private final File recordBefore;
  private final Anchor anchor;

  public StoredFiles(File folder, Anchor anchor) {
    ledger = new File(folder, "ledger.bin");
    record = new File(folder, "record.bin");
    recordBefore = new File(folder, "record.before.bin");
    this.anchor = anchor;
  }

  @Override
  public byte[] readLedger() throws IOException {
    return AtomicFile.read(ledger);
  }

  @Override
  public void writeLedger(byte[] bytes) throws IOException {
    AtomicFile.replace(ledger, bytes);
  }

  @Override
  public byte[] readAnchor() {
    return anchor.read();
  }

  @Override
  public void writeAnchor(byte[] bytes) throws IOException {
    anchor.write(bytes);
  }

  @Override
  public BorrowersRecord record() throws IOException {
    return new RecordOnDisk(record, recordBefore);
  }
}
