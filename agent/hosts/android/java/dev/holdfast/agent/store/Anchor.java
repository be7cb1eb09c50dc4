package dev.holdfast.agent.store;

import java.io.IOException;

/** The agent's second memory, as bytes. */
public interface Anchor {
  /** No bytes if there is none, or none that can be read. */
  byte[] read();

  void write(byte[] bytes) throws IOException;
}
