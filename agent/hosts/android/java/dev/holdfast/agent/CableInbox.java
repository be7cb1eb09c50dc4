package dev.holdfast.agent;

import android.content.Context;
import android.os.ParcelFileDescriptor;
import java.io.DataInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;

/** Requests too long for a command line: written once, taken once. At most {@link #MAX_WAITING} wait. */
final class CableInbox {
  /** proto/codec.ts reads no longer message. */
  static final int MAX_MESSAGE_BYTES = 256 * 1024;

  private static final int MAX_WAITING = 4;

  private final File folder;

  CableInbox(Context context) {
    folder = new File(context.createDeviceProtectedStorageContext().getCacheDir(), "inbox");
  }

  /** To write a request into. */
  ParcelFileDescriptor open(String id) throws FileNotFoundException {
    folder.mkdirs();
    File[] waiting = folder.listFiles();
    if (!isId(id) || waiting == null) {
      throw new FileNotFoundException("no such place");
    }
    if (waiting.length >= MAX_WAITING && !new File(folder, id).exists()) {
      for (File forgotten : waiting) {
        forgotten.delete();
      }
    }
    int mode =
        ParcelFileDescriptor.MODE_WRITE_ONLY | ParcelFileDescriptor.MODE_CREATE | ParcelFileDescriptor.MODE_TRUNCATE;
    return ParcelFileDescriptor.open(new File(folder, id), mode);
  }

  /** A request, which is then gone; null if there is none, or too long a one. */
  byte[] take(String id) {
    if (!isId(id)) {
      return null;
    }
    File file = new File(folder, id);
    try {
      long length = file.length();
      if (length == 0 || length > MAX_MESSAGE_BYTES) {
        return null;
      }
      byte[] request = new byte[(int) length];
      DataInputStream in = new DataInputStream(new FileInputStream(file));
      try {
        in.readFully(request);
      } finally {
        in.close();
      }
      return request;
    } catch (IOException absent) {
      return null;
    } finally {
      file.delete();
    }
  }

  private static boolean isId(String id) {
    return id.matches("[0-9a-f]{1,64}");
  }
}
