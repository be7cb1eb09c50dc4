package dev.holdfast.agent.keys;

import java.math.BigInteger;
import java.security.SignatureException;

/** ECDSA signatures by P-256, from the form that platforms give to the one that the protocol has. */
final class EcdsaSignature {
  private static final BigInteger ORDER =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
  private static final int HALF = 32;

  private EcdsaSignature() {}

  /** DER (RFC 3279, 2.2.3) to r || s, 64 bytes; s is put into the lower half: a signature has one form. */
  static byte[] lowSFromDer(byte[] der) throws SignatureException {
    if (der.length < 8 || der.length > 72 || der[0] != 0x30 || der[1] != der.length - 2) {
      throw new SignatureException("not a DER signature");
    }
    int sAt = 4 + der[3];
    BigInteger r = integer(der, 2);
    if (r == null || sAt + 2 > der.length) {
      throw new SignatureException("not a DER signature");
    }
    BigInteger s = integer(der, sAt);
    if (s == null || sAt + 2 + der[sAt + 1] != der.length) {
      throw new SignatureException("not a DER signature");
    }
    BigInteger low = s.compareTo(ORDER.shiftRight(1)) > 0 ? ORDER.subtract(s) : s;
    byte[] signature = new byte[2 * HALF];
    put(r, signature, HALF);
    put(low, signature, 2 * HALF);
    return signature;
  }

  /** Null if there is no number within the order at this place. */
  private static BigInteger integer(byte[] der, int at) {
    int length = der[at + 1];
    if (der[at] != 2 || length < 1 || length > HALF + 1 || at + 2 + length > der.length) {
      return null;
    }
    byte[] bytes = new byte[length];
    System.arraycopy(der, at + 2, bytes, 0, length);
    BigInteger value = new BigInteger(bytes);
    return value.signum() > 0 && value.compareTo(ORDER) < 0 ? value : null;
  }

  private static void put(BigInteger value, byte[] into, int end) {
    byte[] bytes = value.toByteArray();
    int length = Math.min(bytes.length, HALF);
    System.arraycopy(bytes, bytes.length - length, into, end - length, length);
  }
}
