package dev.holdfast.agent.store;

import android.system.ErrnoException;
import android.system.Os;
import android.system.OsConstants;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;

/**
 * A file that after a power cut at any moment holds all of the old bytes or all of the new ones: written beside it, fsync, renamed over
 * it, fsync of the folder. Android's own AtomicFile leaves the last step out.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** @throws IOException such as for a full disk; the old file is then as it was. */
  public static void replace(File file, byte[] bytes) throws IOException {
    File beside = new File(file.getPath() + ".new");
    try {
      FileOutputStream out = new FileOutputStream(beside);
      try {
        out.write(bytes);
        out.getFD().sync();
      } finally {
        out.close();
      }
    } catch (IOException failed) {
      // Half a file is of no use, and its room may be what is missing.
      beside.delete();
      throw failed;
    }
    if (!beside.renameTo(file)) {
      beside.delete();
      throw new IOException("not renamed");
    }
    syncFolder(file.getParentFile());
  }

  /** No bytes if there is no such file. */
  static byte[] read(File file) throws IOException {
    FileInputStream in;
    try {
      in = new FileInputStream(file);
    } catch (FileNotFoundException absent) {
      // Java says the same of a file that is there and cannot be opened.
      if (file.exists()) {
        throw absent;
      }
      return new byte[0];
    }
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
      }
      return out.toByteArray();
    } finally {
      in.close();
    }
  }

  /** A new name is on disk only when its folder is. A file system that cannot do this has nothing to say. */
  static void syncFolder(File folder) {
    try {
      FileDescriptor descriptor = Os.open(folder.getPath(), OsConstants.O_RDONLY, 0);
      try {
        Os.fsync(descriptor);
      } finally {
        Os.close(descriptor);
      }
    } catch (ErrnoException cannot) {
      // The rename itself stands.
    }
  }
}
