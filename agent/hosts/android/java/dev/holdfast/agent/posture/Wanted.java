package dev.holdfast.agent.posture;

import dev.holdfast.agent.core.Posture;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/** A posture together with what this phone needs at the moment. */
final class Wanted {
  private final Set<String> restricted;

  /** Packages that lock task lets through: agent, essential, open. */
  final Set<String> open;

  /** Packages that are never suspended or hidden: the open ones, launchers, the system's own screens. */
  final Set<String> untouchable;

  /** What the phone needs, by role. */
  final EssentialApps.Found essential;

  /** Packages that stay usable by the posture's own word. */
  final Set<String> openByPosture;

  private Wanted(Set<String> restricted, EssentialApps.Found essential, Set<String> openByPosture, String ownPackage) {
    this.restricted = restricted;
    this.essential = essential;
    this.openByPosture = openByPosture;
    Set<String> opened = new TreeSet<String>(openByPosture);
    opened.addAll(essential.packages());
    opened.add(ownPackage);
    Set<String> kept = new TreeSet<String>(opened);
    kept.addAll(essential.untouchable);
    this.open = Collections.unmodifiableSet(opened);
    this.untouchable = Collections.unmodifiableSet(kept);
  }

  static Wanted of(Posture posture, EssentialApps.Found essential, String ownPackage) {
    return new Wanted(new HashSet<String>(posture.restricted), essential, new TreeSet<String>(posture.openPackages), ownPackage);
  }

  /** Nothing restricted at all. */
  static Wanted nothing(String ownPackage) {
    return new Wanted(Collections.<String>emptySet(), EssentialApps.Found.NOTHING, Collections.<String>emptySet(), ownPackage);
  }

  boolean restricts(String control) {
    return restricted.contains(control);
  }
}
