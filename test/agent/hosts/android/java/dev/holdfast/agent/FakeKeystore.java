package dev.holdfast.agent;

import android.security.keystore.KeyGenParameterSpec;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.InvalidAlgorithmParameterException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyPairGeneratorSpi;
import java.security.KeyStoreSpi;
import java.security.Provider;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The Android Keystore's face over keys in memory: Robolectric has none. */
public final class FakeKeystore {
  /** By alias. */
  static final Map<String, Entry> ENTRIES = new LinkedHashMap<>();

  /** Every attempt to make a key. */
  static final java.util.List<KeyGenParameterSpec> ASKED = new java.util.ArrayList<>();

  static boolean refusesAttestation;
  static boolean refusesProperties;
  static int chainLength = 3;

  static final class Entry {
    final KeyPair pair;
    final Certificate[] chain;
    final Date made = new Date(ENTRIES.size());

    Entry(KeyPair pair, Certificate[] chain) {
      this.pair = pair;
      this.chain = chain;
    }
  }

  private FakeKeystore() {}

  static void install() {
    ENTRIES.clear();
    ASKED.clear();
    refusesAttestation = false;
    refusesProperties = false;
    chainLength = 3;
    Security.removeProvider("AndroidKeyStore");
    Security.addProvider(new FakeProvider());
  }

  public static final class FakeProvider extends Provider {
    public FakeProvider() {
      super("AndroidKeyStore", "1", "in memory");
    }

    @Override
    public synchronized Service getService(String type, String algorithm) {
      if (type.equals("KeyStore") && algorithm.equals("AndroidKeyStore")) {
        return new Made(this, type, algorithm);
      }
      return type.equals("KeyPairGenerator") && algorithm.equals("EC") ? new Made(this, type, algorithm) : null;
    }

    private static final class Made extends Service {
      Made(Provider provider, String type, String algorithm) {
        super(provider, type, algorithm, "in memory", null, null);
      }

      @Override
      public Object newInstance(Object parameter) {
        return getType().equals("KeyStore") ? new Store() : new Generator();
      }
    }
  }

  private static final class Generator extends KeyPairGeneratorSpi {
    private KeyGenParameterSpec spec;

    @Override
    public void initialize(int size, SecureRandom random) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void initialize(AlgorithmParameterSpec wanted, SecureRandom random) throws InvalidAlgorithmParameterException {
      spec = (KeyGenParameterSpec) wanted;
    }

    @Override
    public KeyPair generateKeyPair() {
      ASKED.add(spec);
      boolean isAttested = spec.getAttestationChallenge() != null;
      if (isAttested && refusesAttestation) {
        throw new ProviderException("no attestation keys provisioned");
      }
      if (refusesProperties
          && android.os.Build.VERSION.SDK_INT >= 31
          && spec.isDevicePropertiesAttestationIncluded()) {
        throw new ProviderException("cannot attest ids");
      }
      try {
        KeyPairGenerator maker = KeyPairGenerator.getInstance("EC", "BC");
        maker.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = maker.generateKeyPair();
        Certificate[] chain = new Certificate[isAttested ? chainLength : 1];
        for (int index = 0; index < chain.length; index++) {
          chain[index] = new FakeCertificate(pair.getPublic(), index);
        }
        ENTRIES.put(spec.getKeystoreAlias(), new Entry(pair, chain));
        return pair;
      } catch (java.security.GeneralSecurityException impossible) {
        throw new ProviderException(impossible);
      }
    }
  }

  private static final class FakeCertificate extends Certificate {
    private final PublicKey key;
    private final int index;

    FakeCertificate(PublicKey key, int index) {
      super("X.509");
      this.key = key;
      this.index = index;
    }

    @Override
    public byte[] getEncoded() {
      return new byte[] {0x30, (byte) index};
    }

    @Override
    public void verify(PublicKey by) {}

    @Override
    public void verify(PublicKey by, String provider) {}

    @Override
    public String toString() {
      return "certificate " + index;
    }

    @Override
    public PublicKey getPublicKey() {
      return key;
    }
  }

  private static final class Store extends KeyStoreSpi {
    @Override
    public Key engineGetKey(String alias, char[] password) {
      Entry entry = ENTRIES.get(alias);
      return entry == null ? null : entry.pair.getPrivate();
    }

    @Override
    public Certificate[] engineGetCertificateChain(String alias) {
      Entry entry = ENTRIES.get(alias);
      return entry == null ? null : entry.chain;
    }

    @Override
    public Certificate engineGetCertificate(String alias) {
      Entry entry = ENTRIES.get(alias);
      return entry == null ? null : entry.chain[0];
    }

    @Override
    public Date engineGetCreationDate(String alias) {
      Entry entry = ENTRIES.get(alias);
      return entry == null ? null : entry.made;
    }

    @Override
    public void engineDeleteEntry(String alias) {
      ENTRIES.remove(alias);
    }

    @Override
    public Enumeration<String> engineAliases() {
      return Collections.enumeration(new java.util.ArrayList<>(ENTRIES.keySet()));
    }

    @Override
    public boolean engineContainsAlias(String alias) {
      return ENTRIES.containsKey(alias);
    }

    @Override
    public int engineSize() {
      return ENTRIES.size();
    }

    @Override
    public boolean engineIsKeyEntry(String alias) {
      return ENTRIES.containsKey(alias);
    }

    @Override
    public boolean engineIsCertificateEntry(String alias) {
      return false;
    }

    @Override
    public String engineGetCertificateAlias(Certificate certificate) {
      return null;
    }

    @Override
    public void engineSetKeyEntry(String alias, Key key, char[] password, Certificate[] chain) {}

    @Override
    public void engineSetKeyEntry(String alias, byte[] key, Certificate[] chain) {}

    @Override
    public void engineSetCertificateEntry(String alias, Certificate certificate) {}

    @Override
    public void engineStore(OutputStream stream, char[] password) {}

    @Override
    public void engineLoad(InputStream stream, char[] password) {}
  }
}
