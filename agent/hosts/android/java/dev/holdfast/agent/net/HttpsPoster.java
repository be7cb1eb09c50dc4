package dev.holdfast.agent.net;

import android.content.Context;
import android.net.ConnectivityManager;
import android.net.Network;
import android.net.NetworkCapabilities;
import dev.holdfast.agent.R;
import dev.holdfast.agent.core.Poster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.net.URLConnection;
import javax.net.ssl.HttpsURLConnection;

/**
 * POST by HTTPS, trusting whom the system trusts (certificates that a user installed are not among them), and if the APK names a public
 * key, only a server that shows it. What it carries is signed at both ends; HTTPS keeps it from being read and stopped on the way.
 * Second try around a VPN that leads nowhere.
 */
public final class HttpsPoster implements Poster {
  /** A reply with its orders is some kilobytes. */
  static final int MAX_REPLY_BYTES = 64 * 1024;

  private static final int LEAST_MILLIS = 1_000;

  private final Context context;
  private final PublicKeyPin pin;

  public HttpsPoster(Context context) {
    this(context, new PublicKeyPin(context.getString(R.string.lender_public_key_sha256)));
  }

  HttpsPoster(Context context, PublicKeyPin pin) {
    this.context = context;
    this.pin = pin;
  }

  @Override
  public byte[] post(String url, byte[] body, long deadlineMillis) throws IOException {
    URL target = httpsOnly(url);
    long until = System.nanoTime() + deadlineMillis * 1_000_000;
    try {
      return attempt(target.openConnection(), body, deadlineMillis / 2);
    } catch (IOException failed) {
      Network network = plainNetwork();
      if (network == null) {
        throw failed;
      }
      return attempt(network.openConnection(target), body, (until - System.nanoTime()) / 1_000_000);
    }
  }

  /** Terms are the lender's to write, but none may make the phone speak in the clear. */
  static URL httpsOnly(String url) throws IOException {
    URL target = new URL(url);
    if (!"https".equals(target.getProtocol())) {
      throw new IOException("not https");
    }
    return target;
  }

  private byte[] attempt(URLConnection opened, byte[] body, long millis) throws IOException {
    if (!(opened instanceof HttpsURLConnection)) {
      throw new IOException("not https");
    }
    HttpsURLConnection connection = (HttpsURLConnection) opened;
    int timeout = (int) Math.max(LEAST_MILLIS, millis / 2);
    try {
      connection.setConnectTimeout(timeout);
      connection.setReadTimeout(timeout);
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      connection.setRequestMethod("POST");
      connection.setRequestProperty("Content-Type", "application/x-protobuf");
      connection.setRequestProperty("Accept", "application/x-protobuf");
      connection.setDoOutput(true);
      connection.setFixedLengthStreamingMode(body.length);
      connection.connect();
      pin.check(connection);
      OutputStream out = connection.getOutputStream();
      out.write(body);
      out.close();
      if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
        throw new IOException("status " + connection.getResponseCode());
      }
      return read(connection.getInputStream());
    } finally {
      connection.disconnect();
    }
  }

  static byte[] read(InputStream in) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[4096];
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      out.write(buffer, 0, count);
      if (out.size() > MAX_REPLY_BYTES) {
        throw new IOException("too long an answer");
      }
    }
    return out.toByteArray();
  }

  /** A network that Android has seen the internet through, and that is no VPN. Null if there is none. */
  @SuppressWarnings("deprecation") // getAllNetworks: the replacement is a callback that would have to be kept for a rare need
  private Network plainNetwork() {
    try {
      ConnectivityManager networks = (ConnectivityManager) context.getSystemService(Context.CONNECTIVITY_SERVICE);
      for (Network network : networks.getAllNetworks()) {
        NetworkCapabilities can = networks.getNetworkCapabilities(network);
        if (can != null
            && can.hasCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
            && can.hasCapability(NetworkCapabilities.NET_CAPABILITY_VALIDATED)
            && can.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_VPN)) {
          return network;
        }
      }
    } catch (RuntimeException unreachable) {
      // The same as no network.
    }
    return null;
  }
}
