package dev.holdfast.agent.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes a protobuf message. Fields are given in the order of their numbers; a default (0, false, nothing) is left out, except by
 * {@link #nested}, which says that a message is there. That is the form that the engine writes, too.
 */
public final class MessageWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public MessageWriter number(int field, long value) {
    if (value != 0) {
      varint((long) field << 3);
      varint(value);
    }
    return this;
  }

  public MessageWriter flag(int field, boolean value) {
    return number(field, value ? 1 : 0);
  }

  public MessageWriter text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  public MessageWriter bytes(int field, byte[] value) {
    return value.length == 0 ? this : chunk(field, value);
  }

  public MessageWriter nested(int field, MessageWriter value) {
    return chunk(field, value.toBytes());
  }

  public MessageWriter texts(int field, List<String> values) {
    for (String value : values) {
      chunk(field, value.getBytes(StandardCharsets.UTF_8));
    }
    return this;
  }

  public MessageWriter chunks(int field, List<byte[]> values) {
    for (byte[] value : values) {
      chunk(field, value);
    }
    return this;
  }

  public byte[] toBytes() {
    return out.toByteArray();
  }

  private MessageWriter chunk(int field, byte[] value) {
    varint((long) field << 3 | 2);
    varint(value.length);
    out.write(value, 0, value.length);
    return this;
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~127L) != 0) {
      out.write((int) (rest & 127 | 128));
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
