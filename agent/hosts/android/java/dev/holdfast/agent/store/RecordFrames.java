package dev.holdfast.agent.store;

import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The frames of record.bin, as agent/hosts/node/borrowers-record.ts writes them: u32 length and u32 CRC-32 of what follows (both
 * little-endian), one byte of kind, the content. A tail that was torn off is as if it had never been written.
 */
final class RecordFrames {
  static final int ENTRY = 1;
  static final int CHECKPOINT = 2;
  static final int HEAD_BYTES = 8;
  private static final int MAX_FRAME_BYTES = 512 * 1024;

  /** One frame. */
  static final class Frame {
    final int kind;

    /** An entry's number, or the number of the last decision that a checkpoint covers. */
    final long number;

    final byte[] content;

    Frame(int kind, long number, byte[] content) {
      this.kind = kind;
      this.number = number;
      this.content = content;
    }

    int size() {
      return HEAD_BYTES + 1 + content.length;
    }
  }

  private RecordFrames() {}

  /** A frame around a RecordEntry. @throws IllegalArgumentException if it is none. */
  static Frame entry(byte[] content) {
    byte[] decision = Message.read(content).bytes(Fields.RecordEntry.DECISION);
    return new Frame(ENTRY, Message.read(decision).number(Fields.Decision.NUMBER), content);
  }

  /** A frame around the envelope of a RecordCheckpoint. @throws IllegalArgumentException if it is none. */
  static Frame checkpoint(byte[] envelope) {
    byte[] payload = Message.read(envelope).bytes(Fields.Envelope.PAYLOAD);
    return new Frame(CHECKPOINT, Message.read(payload).number(Fields.RecordCheckpoint.LOG_LENGTH), envelope);
  }

  static byte[] write(List<Frame> frames) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Frame frame : frames) {
      CRC32 crc = new CRC32();
      crc.update(frame.kind);
      crc.update(frame.content, 0, frame.content.length);
      little(out, frame.content.length + 1);
      little(out, crc.getValue());
      out.write(frame.kind);
      out.write(frame.content, 0, frame.content.length);
    }
    return out.toByteArray();
  }

  /** Every frame up to the first that is not whole. */
  static List<Frame> read(byte[] bytes) {
    List<Frame> frames = new ArrayList<Frame>();
    int offset = 0;
    while (offset + HEAD_BYTES < bytes.length) {
      long length = little(bytes, offset);
      int body = offset + HEAD_BYTES;
      if (length < 1 || length > MAX_FRAME_BYTES || length > bytes.length - body) {
        break;
      }
      CRC32 crc = new CRC32();
      crc.update(bytes, body, (int) length);
      Frame frame = crc.getValue() == little(bytes, offset + 4) ? frameOf(bytes, body, (int) length) : null;
      if (frame == null) {
        break;
      }
      frames.add(frame);
      offset = body + (int) length;
    }
    return frames;
  }

  private static Frame frameOf(byte[] bytes, int body, int length) {
    byte[] content = Arrays.copyOfRange(bytes, body + 1, body + length);
    try {
      switch (bytes[body]) {
        case ENTRY:
          return entry(content);
        case CHECKPOINT:
          return checkpoint(content);
        default:
          return null;
      }
    } catch (IllegalArgumentException unreadable) {
      return null; // whole, but nothing that this agent wrote
    }
  }

  private static void little(ByteArrayOutputStream out, long value) {
    for (int shift = 0; shift < 32; shift += 8) {
      out.write((int) (value >>> shift) & 255);
    }
  }

  private static long little(byte[] bytes, int at) {
    long value = 0;
    for (int index = 3; index >= 0; index--) {
      value = value << 8 | bytes[at + index] & 255;
    }
    return value;
  }
}
