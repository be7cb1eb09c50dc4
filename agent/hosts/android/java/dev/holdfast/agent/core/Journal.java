package dev.holdfast.agent.core;

/** The host's log. Nothing secret, nothing that names the borrower: codes and counts. */
public interface Journal {
  void say(String what, String detail);
}
