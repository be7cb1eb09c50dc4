package dev.holdfast.agent.posture;

import dev.holdfast.agent.store.AtomicFile;
import java.io.DataInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.TreeSet;

/**
 * Tells whether the SIM changed, and nothing else. It is made of Android's subscription ids: small numbers that this phone gives each
 * SIM it has seen. No ICCID, no number, no operator is read; and the salt, which never leaves the phone, makes the digest mean
 * nothing elsewhere.
 */
final class SimDigest {
  private static final int SALT_BYTES = 32;

  private final File saltFile;

  SimDigest(File folder) {
    this.saltFile = new File(folder, "sim-salt");
  }

  /** Empty without a SIM, and if the salt can neither be read nor written: a digest that changes by itself would say "new SIM". */
  byte[] of(Collection<Integer> subscriptionIds) {
    if (subscriptionIds.isEmpty()) {
      return new byte[0];
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(salt());
      for (Integer id : new TreeSet<Integer>(subscriptionIds)) {
        digest.update((id + ";").getBytes(StandardCharsets.US_ASCII));
      }
      return digest.digest();
    } catch (IOException noSalt) {
      return new byte[0];
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  void forget() {
    saltFile.delete();
  }

  private byte[] salt() throws IOException {
    byte[] salt = new byte[SALT_BYTES];
    if (saltFile.length() == SALT_BYTES) {
      DataInputStream in = new DataInputStream(new FileInputStream(saltFile));
      try {
        in.readFully(salt);
      } finally {
        in.close();
      }
      return salt;
    }
    new SecureRandom().nextBytes(salt);
    AtomicFile.replace(saltFile, salt);
    return salt;
  }
}
