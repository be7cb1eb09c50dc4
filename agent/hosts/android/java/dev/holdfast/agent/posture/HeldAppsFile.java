package dev.holdfast.agent.posture;

import dev.holdfast.agent.store.AtomicFile;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;

/**
 * The note of {@link HeldApps}: a line for each app, in storage that can be read before the first unlock. Replaced as a whole, so that a
 * reader sees the one before or the new one.
 */
final class HeldAppsFile {
  private static final String FIRST = "holdfast held apps 1";
  private static final String LAST = "end";
  private static final String SUSPENDED = "suspended ";
  private static final String HIDDEN = "hidden ";

  /** What is written there. */
  static final class Note {
    final Set<String> suspended = new TreeSet<String>();
    final Set<String> hidden = new TreeSet<String>();

    /** There is a note, and it cannot be read. */
    boolean lost;
  }

  private final File file;

  HeldAppsFile(File folder) {
    this.file = new File(folder, "held-apps");
  }

  /** An empty note if there is none. */
  Note read() {
    Note note = new Note();
    if (!file.exists()) {
      return note;
    }
    try {
      BufferedReader reader = new BufferedReader(new InputStreamReader(new FileInputStream(file), StandardCharsets.UTF_8));
      try {
        note.lost = !FIRST.equals(reader.readLine());
        String line = reader.readLine();
        for (; line != null && !note.lost && !LAST.equals(line); line = reader.readLine()) {
          note.lost = !add(note, line);
        }
        note.lost |= line == null;
      } finally {
        reader.close();
      }
    } catch (IOException unreadable) {
      note.lost = true;
    }
    return note;
  }

  void write(Note note) throws IOException {
    StringBuilder text = new StringBuilder(FIRST).append('\n');
    for (String app : note.suspended) {
      text.append(SUSPENDED).append(app).append('\n');
    }
    for (String app : note.hidden) {
      text.append(HIDDEN).append(app).append('\n');
    }
    text.append(LAST).append('\n');
    AtomicFile.replace(file, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** After ownership was given back. */
  void delete() {
    file.delete();
  }

  private static boolean add(Note note, String line) {
    if (line.startsWith(SUSPENDED)) {
      return note.suspended.add(line.substring(SUSPENDED.length()));
    }
    return line.startsWith(HIDDEN) && note.hidden.add(line.substring(HIDDEN.length()));
  }
}
