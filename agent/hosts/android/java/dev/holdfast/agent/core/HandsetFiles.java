package dev.holdfast.agent.core;

import java.io.IOException;

/** What the agent keeps. */
public interface HandsetFiles {
  /**
   * The stored ledger; no bytes if there is none.
   *
   * @throws IOException if it is there and cannot be read: that is not a lost ledger, and must not look like one.
   */
  byte[] readLedger() throws IOException;

  /** Returns when the bytes are on disk; otherwise the old ones are still there. */
  void writeLedger(byte[] bytes) throws IOException;

  /** The second memory; no bytes if there is none. */
  byte[] readAnchor();

  void writeAnchor(byte[] bytes) throws IOException;

  /** Every decision, for the borrower. */
  BorrowersRecord record() throws IOException;
}
