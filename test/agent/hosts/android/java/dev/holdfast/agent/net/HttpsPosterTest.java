package dev.holdfast.agent.net;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What needs no network of Android's: where it may post, how much it reads, whom it believes. */
public class HttpsPosterTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void postsByHttpsOnly() throws Exception {
    assertEquals("lender.example", HttpsPoster.httpsOnly("https://lender.example/v1").getHost());
    for (String url :
        new String[] {"http://lender.example/", "http://127.0.0.1/", "http://localhost/", "file:///etc/passwd", "ftp://x/", "", "x"}) {
      assertThrows(url, IOException.class, () -> HttpsPoster.httpsOnly(url));
    }
  }

  @Test
  public void readsNoMoreThanAReplyCanBe() throws Exception {
    int most = HttpsPoster.MAX_REPLY_BYTES;
    assertEquals(most, HttpsPoster.read(new ByteArrayInputStream(new byte[most])).length);
    assertThrows(IOException.class, () -> HttpsPoster.read(new ByteArrayInputStream(new byte[most + 1])));
  }

  @Test
  public void aPinIsTheServersOwnKeyAndNoOtherOfItsChain() throws Exception {
    Certificate server = certificate("server");
    Certificate other = certificate("other");
    String pin = PublicKeyPin.sha256(server.getPublicKey().getEncoded());
    assertTrue(new PublicKeyPin("").isMet(null));
    assertTrue(new PublicKeyPin(pin).isMet(new Certificate[] {server, other}));
    assertTrue(new PublicKeyPin(" 00ff  " + pin.toUpperCase() + "\n").isMet(new Certificate[] {server}));
    assertFalse("a chain may hold whatever its server likes", new PublicKeyPin(pin).isMet(new Certificate[] {other, server}));
    assertFalse(new PublicKeyPin(pin).isMet(new Certificate[0]));
    assertFalse(new PublicKeyPin(pin).isMet(null));
  }

  private Certificate certificate(String name) throws Exception {
    File file = new File(folder.getRoot(), name + ".p12");
    String tool = System.getProperty("java.home") + "/bin/keytool";
    new ProcessBuilder(
            tool, "-genkeypair", "-keystore", file.getPath(), "-storetype", "PKCS12", "-storepass", "password",
            "-alias", name, "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=" + name)
        .redirectErrorStream(true)
        .start()
        .waitFor();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (FileInputStream in = new FileInputStream(file)) {
      keys.load(in, "password".toCharArray());
    }
    return keys.getCertificate(name);
  }
}
