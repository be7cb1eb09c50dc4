package dev.holdfast.agent.store;

import java.io.File;
import java.io.IOException;
import java.util.Arrays;

/**
 * The anchor, kept by the system where it may be and in a file beside the ledger where it may not. Each carries the number of the
 * write; the highest number counts, so a place that was put back to an earlier state does not.
 */
public final class TwoPlaces implements Anchor {
  private static final int NUMBER_BYTES = 8;

  /** A place outside the agent's own folder. */
  public interface Outside {
    /** No bytes if there is nothing, or it cannot be reached. */
    byte[] read();

    /** False if the place cannot be used now. */
    boolean write(byte[] bytes);
  }

  private final Outside outside;
  private final File file;
  private long number;

  public TwoPlaces(Outside outside, File folder) {
    this.outside = outside;
    file = new File(folder, "anchor.bin");
  }

  @Override
  public byte[] read() {
    byte[] there = outside.read();
    byte[] here;
    try {
      here = AtomicFile.read(file);
    } catch (IOException unreadable) {
      here = new byte[0];
    }
    byte[] latest = numberOf(there) >= numberOf(here) ? there : here;
    number = Math.max(0, numberOf(latest));
    return latest.length < NUMBER_BYTES ? new byte[0] : Arrays.copyOfRange(latest, NUMBER_BYTES, latest.length);
  }

  @Override
  public void write(byte[] bytes) throws IOException {
    byte[] numbered = new byte[NUMBER_BYTES + bytes.length];
    for (int index = 0; index < NUMBER_BYTES; index++) {
      numbered[index] = (byte) ((number + 1) >>> 8 * (NUMBER_BYTES - 1 - index));
    }
    System.arraycopy(bytes, 0, numbered, NUMBER_BYTES, bytes.length);
    if (!outside.write(numbered)) {
      AtomicFile.replace(file, numbered);
    }
    number++;
  }

  private static long numberOf(byte[] numbered) {
    if (numbered.length < NUMBER_BYTES) {
      return -1;
    }
    long number = 0;
    for (int index = 0; index < NUMBER_BYTES; index++) {
      number = number << 8 | numbered[index] & 255;
    }
    return number;
  }
}
