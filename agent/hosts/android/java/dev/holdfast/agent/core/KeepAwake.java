package dev.holdfast.agent.core;

/** Keeps the processor from sleeping while something is under way. Counted: each begin has its end. */
public interface KeepAwake {
  void begin();

  void end();
}
