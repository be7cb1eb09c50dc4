package dev.holdfast.agent.core;

import java.util.List;

/** What the platform does for the agent, and says about the handset. */
public interface HandsetControls {
  /** What the platform says about this handset. */
  final class Facts {
    /** In slot order; empty while the platform does not tell. */
    public List<String> imeis;

    /** ro.serialno; empty if the platform hides it. */
    public String serial;

    public boolean deviceOwner;

    /** Role number of host.proto's EssentialRole, and the package of the same index in {@link #essentialPackages}. */
    public List<Integer> essentialRoles;

    public List<String> essentialPackages;

    /** Salted digest of what names the SIM; empty without one. */
    public byte[] simDigest;

    /** Digest of what the platform attests about boot, patch and lock state; empty where it attests nothing. */
    public byte[] attestationDigest;
  }

  Facts facts();

  /**
   * Applies a posture and reads it back.
   *
   * @return names of the controls that do not hold as asked.
   * @throws RuntimeException only if nothing at all could be applied, such as without device ownership.
   */
  List<String> apply(Posture posture);

  /** How long {@link #letSupportCallThrough} lasts: enough to dial and to be put through. A call that has begun goes on. */
  long SUPPORT_CALL_MILLIS = 3 * 60_000;

  /** The borrower is about to call the lender's support line, which stays open whatever is restricted (F2). */
  default void letSupportCallThrough() {}

  /** Says on the platform's own pages who manages this phone and why; empty texts take it back. */
  default void disclose(String lender, String shortly, String atLength, String onLockScreen) {}

  /** Gives device ownership back; true when it is gone. Called only after every restriction was lifted. */
  boolean returnOwnership();
}
