package dev.holdfast.agent.keys;

import android.content.Context;
import android.content.pm.PackageManager;
import android.os.Build;
import android.security.keystore.KeyGenParameterSpec;
import android.security.keystore.KeyProperties;
import dev.holdfast.agent.core.DeviceKey;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.List;

/**
 * The device key in the Android Keystore: P-256, made in secure hardware where there is any, with an attestation of the challenge. No
 * unlocking is asked for, so it signs before the first unlock, too. Its name holds the challenge: the same challenge finds the same
 * key.
 *
 * <p>Attestation of the IMEI takes a key made by DevicePolicyManager.generateKeyPair. Such a key is in the KeyChain, which is closed
 * until the first unlock (KeyChain.bindAsUser: "User must be unlocked"): a phone that was restarted could not check in, nor open its
 * lock after a payment, before somebody unlocked it. So this key is the app's own, and attests the device's properties, not its IMEI.
 */
public final class KeystoreKey implements DeviceKey {
  private static final String KEYSTORE = "AndroidKeyStore";
  private static final String PREFIX = "holdfast.device.";
  private static final int POINT_BYTES = 65;

  private final Context context;

  public KeystoreKey(Context context) {
    this.context = context;
  }

  @Override
  public Made makeFor(byte[] challenge) throws GeneralSecurityException {
    String alias = PREFIX + hex(challenge);
    KeyStore keys = keystore();
    if (keys.getCertificate(alias) == null) {
      make(alias, challenge);
    }
    for (String other : aliases(keys)) {
      if (!other.equals(alias)) {
        keys.deleteEntry(other);
      }
    }
    Certificate[] chain = keys.getCertificateChain(alias);
    if (chain == null || chain.length == 0) {
      throw new GeneralSecurityException("no key was made");
    }
    return new Made(point(chain[0].getPublicKey()), attestation(chain));
  }

  @Override
  public byte[] publicKey() {
    try {
      KeyStore keys = keystore();
      String alias = latest(keys);
      return alias == null ? null : point(keys.getCertificate(alias).getPublicKey());
    } catch (GeneralSecurityException lost) {
      return null;
    }
  }

  @Override
  public byte[] sign(byte[] message) throws GeneralSecurityException {
    KeyStore keys = keystore();
    String alias = latest(keys);
    PrivateKey key = alias == null ? null : (PrivateKey) keys.getKey(alias, null);
    if (key == null) {
      throw new GeneralSecurityException("the device key is gone");
    }
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key);
    signature.update(message);
    return EcdsaSignature.lowSFromDer(signature.sign());
  }

  /** From the best that a phone may have to the least: many refuse what they claim to support. */
  private void make(String alias, byte[] challenge) throws GeneralSecurityException {
    GeneralSecurityException why = null;
    for (KeyGenParameterSpec.Builder wanted : specs(alias, challenge)) {
      try {
        KeyPairGenerator maker = KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, KEYSTORE);
        maker.initialize(wanted.build());
        maker.generateKeyPair();
        return;
      } catch (GeneralSecurityException refused) {
        why = refused;
      } catch (RuntimeException refused) {
        // ProviderException and its kin: StrongBox out of room, attestation not provisioned, and whatever vendors throw.
        why = new GeneralSecurityException(refused);
      }
    }
    throw why;
  }

  private List<KeyGenParameterSpec.Builder> specs(String alias, byte[] challenge) {
    List<KeyGenParameterSpec.Builder> specs = new ArrayList<KeyGenParameterSpec.Builder>();
    if (Build.VERSION.SDK_INT >= 28
        && context.getPackageManager().hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE)) {
      if (Build.VERSION.SDK_INT >= 31) {
        specs.add(attested(alias, challenge).setIsStrongBoxBacked(true).setDevicePropertiesAttestationIncluded(true));
      }
      specs.add(attested(alias, challenge).setIsStrongBoxBacked(true));
    }
    if (Build.VERSION.SDK_INT >= 31) {
      specs.add(attested(alias, challenge).setDevicePropertiesAttestationIncluded(true));
    }
    specs.add(attested(alias, challenge));
    specs.add(plain(alias));
    return specs;
  }

  private static KeyGenParameterSpec.Builder attested(String alias, byte[] challenge) {
    return plain(alias).setAttestationChallenge(challenge);
  }

  private static KeyGenParameterSpec.Builder plain(String alias) {
    return new KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
        .setAlgorithmParameterSpec(new ECGenParameterSpec("secp256r1"))
        .setDigests(KeyProperties.DIGEST_SHA256);
  }

  private static KeyStore keystore() throws GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance(KEYSTORE);
    try {
      keys.load(null);
    } catch (IOException unreadable) {
      throw new GeneralSecurityException(unreadable);
    }
    return keys;
  }

  private static List<String> aliases(KeyStore keys) throws GeneralSecurityException {
    List<String> ours = new ArrayList<String>();
    for (String alias : Collections.list(keys.aliases())) {
      if (alias.startsWith(PREFIX)) {
        ours.add(alias);
      }
    }
    return ours;
  }

  /** One, but for a moment: a process that died between making a key and deleting the one before. Null if there is none. */
  private static String latest(KeyStore keys) throws GeneralSecurityException {
    String latest = null;
    Date made = null;
    for (String alias : aliases(keys)) {
      Date date = keys.getCreationDate(alias);
      if (latest == null || (date != null && made != null && date.after(made))) {
        latest = alias;
        made = date;
      }
    }
    return latest;
  }

  /** A certificate that the key made for itself attests nothing. */
  private static List<byte[]> attestation(Certificate[] chain) throws GeneralSecurityException {
    List<byte[]> der = new ArrayList<byte[]>();
    for (Certificate certificate : chain) {
      if (chain.length > 1) {
        der.add(certificate.getEncoded());
      }
    }
    return der;
  }

  /** The last bytes of the SubjectPublicKeyInfo are the uncompressed point. */
  private static byte[] point(PublicKey key) throws GeneralSecurityException {
    byte[] info = key.getEncoded();
    if (info == null || info.length < POINT_BYTES || info[info.length - POINT_BYTES] != 4) {
      throw new GeneralSecurityException("not an uncompressed point");
    }
    return Arrays.copyOfRange(info, info.length - POINT_BYTES, info.length);
  }

  private static String hex(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (byte one : bytes) {
      text.append(Character.forDigit(one >> 4 & 15, 16)).append(Character.forDigit(one & 15, 16));
    }
    return text.toString();
  }
}
