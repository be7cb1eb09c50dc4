package dev.holdfast.agent.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A protobuf message, read by field number; {@link Fields} names the numbers. The bytes come from the engine, which wrote them in its
 * own canonical form: this reader is small because it has nothing else to understand. Absent fields have protobuf's defaults.
 */
public final class Message {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int DELIMITED = 2;
  private static final int FIXED32 = 5;
  private static final Message EMPTY = new Message(new ArrayList<Field>());

  private static final class Field {
    final int number;
    final long value;
    final byte[] bytes;

    Field(int number, long value, byte[] bytes) {
      this.number = number;
      this.value = value;
      this.bytes = bytes;
    }
  }

  private final List<Field> fields;

  private Message(List<Field> fields) {
    this.fields = fields;
  }

  /** A message without fields. */
  public static Message empty() {
    return EMPTY;
  }

  /** @throws IllegalArgumentException if the bytes are not a message. */
  public static Message read(byte[] bytes) {
    List<Field> fields = new ArrayList<Field>();
    Cursor cursor = new Cursor(bytes);
    while (cursor.at < bytes.length) {
      long tag = cursor.varint();
      int number = (int) (tag >>> 3);
      switch ((int) (tag & 7)) {
        case VARINT:
          fields.add(new Field(number, cursor.varint(), null));
          break;
        case DELIMITED:
          fields.add(new Field(number, 0, cursor.take(cursor.size())));
          break;
        case FIXED32:
          fields.add(new Field(number, cursor.little(4), null));
          break;
        case FIXED64:
          fields.add(new Field(number, cursor.little(8), null));
          break;
        default:
          throw new IllegalArgumentException("not a protobuf message");
      }
    }
    return new Message(fields);
  }

  /** True if the field is there: of a message or a oneof, whether it was set. */
  public boolean has(int number) {
    return last(number) != null;
  }

  public long number(int number) {
    Field field = last(number);
    return field == null ? 0 : field.value;
  }

  public boolean flag(int number) {
    return number(number) != 0;
  }

  public String text(int number) {
    return new String(bytes(number), StandardCharsets.UTF_8);
  }

  public byte[] bytes(int number) {
    Field field = last(number);
    return field == null || field.bytes == null ? new byte[0] : field.bytes;
  }

  /** The nested message; an empty one if it is not there. */
  public Message message(int number) {
    Field field = last(number);
    return field == null ? EMPTY : read(field.bytes);
  }

  public List<Message> messages(int number) {
    List<Message> found = new ArrayList<Message>();
    for (byte[] bytes : chunks(number)) {
      found.add(read(bytes));
    }
    return found;
  }

  public List<String> texts(int number) {
    List<String> found = new ArrayList<String>();
    for (byte[] bytes : chunks(number)) {
      found.add(new String(bytes, StandardCharsets.UTF_8));
    }
    return found;
  }

  /** Repeated numbers, packed or not. */
  public List<Long> numbers(int number) {
    List<Long> found = new ArrayList<Long>();
    for (Field field : fields) {
      if (field.number != number) {
        continue;
      }
      if (field.bytes == null) {
        found.add(field.value);
        continue;
      }
      Cursor cursor = new Cursor(field.bytes);
      while (cursor.at < field.bytes.length) {
        found.add(cursor.varint());
      }
    }
    return found;
  }

  /** Every value of a repeated field of bytes. */
  public List<byte[]> chunks(int number) {
    List<byte[]> found = new ArrayList<byte[]>();
    for (Field field : fields) {
      if (field.number == number && field.bytes != null) {
        found.add(field.bytes);
      }
    }
    return Collections.unmodifiableList(found);
  }

  private Field last(int number) {
    for (int index = fields.size() - 1; index >= 0; index--) {
      if (fields.get(index).number == number) {
        return fields.get(index);
      }
    }
    return null;
  }

  private static final class Cursor {
    final byte[] bytes;
    int at;

    Cursor(byte[] bytes) {
      this.bytes = bytes;
    }

    long varint() {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        byte next = take(1)[0];
        value |= (long) (next & 127) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new IllegalArgumentException("not a protobuf message");
    }

    int size() {
      long size = varint();
      if (size < 0 || size > bytes.length - at) {
        throw new IllegalArgumentException("not a protobuf message");
      }
      return (int) size;
    }

    long little(int count) {
      long value = 0;
      byte[] taken = take(count);
      for (int index = count - 1; index >= 0; index--) {
        value = value << 8 | taken[index] & 255;
      }
      return value;
    }

    byte[] take(int count) {
      if (count > bytes.length - at) {
        throw new IllegalArgumentException("not a protobuf message");
      }
      at += count;
      return Arrays.copyOfRange(bytes, at - count, at);
    }
  }
}
