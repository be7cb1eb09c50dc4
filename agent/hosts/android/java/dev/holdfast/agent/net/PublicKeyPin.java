package dev.holdfast.agent.net;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import javax.net.ssl.HttpsURLConnection;

/**
 * A lender's own server key, as SHA-256 of its SubjectPublicKeyInfo in hex; several are parted by spaces, so that one can be replaced.
 * Compared with the server's own certificate only: the others of a presented chain are whatever the server likes to send. Empty: none
 * is demanded.
 */
final class PublicKeyPin {
  private final String pins;

  PublicKeyPin(String pins) {
    this.pins = pins.trim();
  }

  void check(HttpsURLConnection connected) throws IOException {
    if (!pins.isEmpty() && !isMet(connected.getServerCertificates())) {
      throw new IOException("another server's key");
    }
  }

  boolean isMet(Certificate[] chain) {
    if (pins.isEmpty()) {
      return true;
    }
    if (chain == null || chain.length == 0) {
      return false;
    }
    String shown = sha256(chain[0].getPublicKey().getEncoded());
    for (String pin : pins.split("\\s+")) {
      if (pin.equalsIgnoreCase(shown)) {
        return true;
      }
    }
    return false;
  }

  static String sha256(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    try {
      for (byte one : MessageDigest.getInstance("SHA-256").digest(bytes)) {
        text.append(Character.forDigit(one >> 4 & 15, 16)).append(Character.forDigit(one & 15, 16));
      }
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
    return text.toString();
  }
}
