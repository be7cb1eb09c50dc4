package dev.holdfast.agent.posture;

import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;

/** Replaces a file as a whole: written beside it, brought to the disk, renamed over it. */
final class WholeFile {
  private WholeFile() {}

  static void write(File file, byte[] bytes) throws IOException {
    File folder = file.getParentFile();
    if (!folder.isDirectory() && !folder.mkdirs()) {
      throw new IOException("no folder");
    }
    File beside = new File(folder, file.getName() + ".new");
    FileOutputStream out = new FileOutputStream(beside);
    try {
      out.write(bytes);
      out.getFD().sync();
    } finally {
      out.close();
    }
    if (!beside.renameTo(file)) {
      throw new IOException("not renamed");
    }
  }

  /** True if it is not there any more. */
  static boolean delete(File file) {
    return file.delete() || !file.exists();
  }
}
