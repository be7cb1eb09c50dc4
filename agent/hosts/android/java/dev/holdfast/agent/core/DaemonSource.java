package dev.holdfast.agent.core;

/** Where the engine comes from. */
public interface DaemonSource {
  /** A fresh engine. One that is thrown away and is {@link java.io.Closeable} gets closed. */
  Daemon open() throws Daemon.EngineFailed;
}
