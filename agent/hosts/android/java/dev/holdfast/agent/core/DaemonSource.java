package dev.holdfast.agent.core;

/** Where the engine comes from. */
public interface DaemonSource {
  /** The engine, asked for at the start and after each failure. It has no memory of its own, so it may be the same one. */
  Daemon open() throws Daemon.EngineFailed;
}
