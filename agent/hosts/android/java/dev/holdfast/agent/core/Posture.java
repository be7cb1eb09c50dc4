package dev.holdfast.agent.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What should be restricted; everything that is not named should be open. Decided by the engine, never here. */
public final class Posture {
  /** Grows when the set changes. */
  public final long revision;

  /** Names of controls, as in agent/policy/posture.ts. */
  public final List<String> restricted;

  /** Packages that stay usable whatever is restricted. */
  public final List<String> openPackages;

  public Posture(long revision, List<String> restricted, List<String> openPackages) {
    this.revision = revision;
    this.restricted = Collections.unmodifiableList(new ArrayList<String>(restricted));
    this.openPackages = Collections.unmodifiableList(new ArrayList<String>(openPackages));
  }
}
