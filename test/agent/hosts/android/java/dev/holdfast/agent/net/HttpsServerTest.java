package dev.holdfast.agent.net;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;

/** A real server on loopback, and TLS between. The JDK's, not Android's: who is trusted there is Android's to say. */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = 34)
public class HttpsServerTest {
  private static final char[] PASSWORD = "password".toCharArray();
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private final AtomicInteger bodies = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private SSLSocketFactory before;
  private HttpsServer server;
  private KeyStore keys;

  @Before
  public void serve() throws Exception {
    keys = madeKeys();
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), null, null);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
    before = HttpsURLConnection.getDefaultSSLSocketFactory();
  }

  @After
  public void stop() {
    HttpsURLConnection.setDefaultSSLSocketFactory(before);
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    bodies.incrementAndGet();
    switch (exchange.getRequestURI().getPath()) {
      case "/echo":
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        break;
      case "/moved":
        exchange.getResponseHeaders().set("Location", "/echo");
        exchange.sendResponseHeaders(302, -1);
        break;
      case "/long":
        exchange.sendResponseHeaders(200, 0);
        for (int sent = 0; sent < 256; sent++) {
          exchange.getResponseBody().write(new byte[1024]);
        }
        break;
      case "/silent":
        try {
          Thread.sleep(60_000);
        } catch (InterruptedException ended) {
          Thread.currentThread().interrupt();
        }
        break;
      default:
        exchange.sendResponseHeaders(500, -1);
    }
    exchange.close();
  }

  private void trustTheServer() throws Exception {
    TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore only = KeyStore.getInstance(KeyStore.getDefaultType());
    only.load(null, null);
    only.setCertificateEntry("server", keys.getCertificate("server"));
    trusted.init(only);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trusted.getTrustManagers(), null);
    HttpsURLConnection.setDefaultSSLSocketFactory(context.getSocketFactory());
  }

  private byte[] post(String path, String pin, long deadlineMillis) throws IOException {
    HttpsPoster poster = new HttpsPoster(RuntimeEnvironment.getApplication(), new PublicKeyPin(pin));
    return poster.post("https://localhost:" + server.getAddress().getPort() + path, new byte[] {1, 2, 3}, deadlineMillis);
  }

  @Test
  public void carriesACheckInAndItsAnswer() throws Exception {
    trustTheServer();
    assertArrayEquals(new byte[] {1, 2, 3}, post("/echo", "", 10_000));
    String pin = PublicKeyPin.sha256(keys.getCertificate("server").getPublicKey().getEncoded());
    assertArrayEquals(new byte[] {1, 2, 3}, post("/echo", pin, 10_000));
  }

  @Test
  public void tellsNothingToAServerThatTheSystemDoesNotTrustOrThatShowsAnotherKey() throws Exception {
    assertThrows(IOException.class, () -> post("/echo", "", 10_000));
    trustTheServer();
    IOException refused = assertThrows(IOException.class, () -> post("/echo", "00ff", 10_000));
    assertEquals("another server's key", refused.getMessage());
    assertEquals("no body was sent", 0, bodies.get());
  }

  @Test
  public void takesNoOtherAnswer() throws Exception {
    trustTheServer();
    for (String path : new String[] {"/moved", "/long", "/broken"}) {
      assertThrows(path, IOException.class, () -> post(path, "", 10_000));
    }
  }

  @Test
  public void doesNotWaitForAServerThatSaysNothing() throws Exception {
    trustTheServer();
    long began = System.nanoTime();
    assertThrows(IOException.class, () -> post("/silent", "", 4_000));
    assertTrue((System.nanoTime() - began) / 1_000_000 < 20_000);
  }

  private KeyStore madeKeys() throws Exception {
    File file = new File(folder.getRoot(), "server.p12");
    String tool = System.getProperty("java.home") + "/bin/keytool";
    Process made =
        new ProcessBuilder(
                tool, "-genkeypair", "-keystore", file.getPath(), "-storetype", "PKCS12", "-storepass", "password",
                "-alias", "server", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=localhost",
                "-ext", "SAN=dns:localhost")
            .redirectErrorStream(true)
            .start();
    assertEquals(0, made.waitFor());
    KeyStore made12 = KeyStore.getInstance("PKCS12");
    try (FileInputStream in = new FileInputStream(file)) {
      made12.load(in, PASSWORD);
    }
    return made12;
  }
}
