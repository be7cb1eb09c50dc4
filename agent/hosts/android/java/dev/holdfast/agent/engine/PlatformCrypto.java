package dev.holdfast.agent.engine;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;

/**
 * What the platform does faster than JavaScript: {@code sha256} and {@code verifyP256} of proto/crypto.ts. Every host must give the same
 * answers, so what a provider could see differently is decided here: the form of the key, whether it is on the curve, the range of r
 * and s. A provider that is missing or broken is an exception, and never a "no".
 */
final class PlatformCrypto {
  private static final int POINT_BYTES = 65;
  private static final int SIGNATURE_BYTES = 64;
  private static final int UNCOMPRESSED = 4;

  /** Prime, constant b and group order of P-256 (SP 800-186, section 3.2.1.3). */
  private static final BigInteger PRIME =
      new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);

  private static final BigInteger B = new BigInteger("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", 16);
  private static final BigInteger ORDER =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  private static final BigInteger THREE = BigInteger.valueOf(3);

  /** A SubjectPublicKeyInfo of P-256 up to the point: id-ecPublicKey, prime256v1, a bit string of 65 bytes (RFC 5480). */
  private static final byte[] KEY_PREFIX = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, (byte) 0x86, 0x48,
    (byte) 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00
  };

  /** Called from native code, by name. */
  byte[] sha256(byte[] message) throws GeneralSecurityException {
    return MessageDigest.getInstance("SHA-256").digest(message);
  }

  /**
   * Called from native code, by name.
   *
   * @param publicKey uncompressed SEC1 point.
   * @param signature r || s, s in either half of the group order.
   */
  boolean verifyP256(byte[] publicKey, byte[] message, byte[] signature) throws GeneralSecurityException {
    if (!isPoint(publicKey) || signature.length != SIGNATURE_BYTES) {
      return false;
    }
    BigInteger r = number(signature, 0);
    BigInteger s = number(signature, SIGNATURE_BYTES / 2);
    if (!isScalar(r) || !isScalar(s)) {
      return false;
    }
    Signature verifier = Signature.getInstance("SHA256withECDSA");
    verifier.initVerify(keyOf(publicKey));
    verifier.update(message);
    try {
      return verifier.verify(derOf(r, s));
    } catch (SignatureException notGood) {
      return false; // some providers say it so of a signature that is well formed and wrong
    }
  }

  private static boolean isPoint(byte[] point) {
    if (point.length != POINT_BYTES || point[0] != UNCOMPRESSED) {
      return false;
    }
    BigInteger x = number(point, 1);
    BigInteger y = number(point, 1 + POINT_BYTES / 2);
    if (x.compareTo(PRIME) >= 0 || y.compareTo(PRIME) >= 0) {
      return false;
    }
    BigInteger right = x.multiply(x).subtract(THREE).multiply(x).add(B);
    return y.multiply(y).subtract(right).mod(PRIME).signum() == 0;
  }

  private static boolean isScalar(BigInteger number) {
    return number.signum() > 0 && number.compareTo(ORDER) < 0;
  }

  private static BigInteger number(byte[] bytes, int from) {
    return new BigInteger(1, Arrays.copyOfRange(bytes, from, from + SIGNATURE_BYTES / 2));
  }

  private static PublicKey keyOf(byte[] point) throws GeneralSecurityException {
    byte[] encoded = Arrays.copyOf(KEY_PREFIX, KEY_PREFIX.length + POINT_BYTES);
    System.arraycopy(point, 0, encoded, KEY_PREFIX.length, POINT_BYTES);
    return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(encoded));
  }

  /** SEQUENCE of two INTEGERs (RFC 3279, 2.2.3); each is below 128 bytes, so each length is one byte. */
  private static byte[] derOf(BigInteger r, BigInteger s) {
    byte[] first = r.toByteArray();
    byte[] second = s.toByteArray();
    byte[] der = new byte[6 + first.length + second.length];
    der[0] = 0x30;
    der[1] = (byte) (der.length - 2);
    putInteger(der, 2, first);
    putInteger(der, 4 + first.length, second);
    return der;
  }

  private static void putInteger(byte[] der, int at, byte[] number) {
    der[at] = 0x02;
    der[at + 1] = (byte) number.length;
    System.arraycopy(number, 0, der, at + 2, number.length);
  }
}
