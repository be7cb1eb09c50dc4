package dev.holdfast.agent.core;

import java.security.GeneralSecurityException;
import java.util.List;

/** The key that signs for this handset. */
public interface DeviceKey {
  /** A key that is there. */
  final class Made {
    /** Uncompressed SEC1 point, 65 bytes. */
    public final byte[] publicKey;

    /** X.509 certificates (DER) from the key's own to the root; empty where the platform attests nothing. */
    public final List<byte[]> attestationChain;

    public Made(byte[] publicKey, List<byte[]> attestationChain) {
      this.publicKey = publicKey;
      this.attestationChain = attestationChain;
    }
  }

  /** Makes a key for a challenge, or finds the one that was made for it. */
  Made makeFor(byte[] challenge) throws GeneralSecurityException;

  /** The key that is there; null before one was made, and if it was lost. */
  byte[] publicKey();

  /** ECDSA P-256 with SHA-256 over the message: r || s, 64 bytes, s in the lower half. */
  byte[] sign(byte[] message) throws GeneralSecurityException;
}
