package dev.holdfast.agent;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The one answer that the host gives by itself. Every other CableReply is made by the engine, which has the generated codec;
 * while there is no engine, this says so in the form that the other end of the cable understands.
 */
final class CableReplies {
  /** CableReply.refused = 5, a message: (5 << 3) | 2. See proto/holdfast/v1/cable.proto. */
  private static final int CABLE_REPLY_REFUSED = 0x2a;

  /** Refused.code = 1, a string: (1 << 3) | 2. */
  private static final int REFUSED_CODE = 0x0a;

  /** Refused.detail = 2, a string: (2 << 3) | 2. */
  private static final int REFUSED_DETAIL = 0x12;

  private CableReplies() {}

  /** CableReply { refused { code, detail } } in protobuf. Both texts are short: a length is one byte up to 127. */
  static byte[] refused(String code, String detail) {
    ByteArrayOutputStream refused = new ByteArrayOutputStream();
    field(refused, REFUSED_CODE, code.getBytes(StandardCharsets.UTF_8));
    field(refused, REFUSED_DETAIL, detail.getBytes(StandardCharsets.UTF_8));
    ByteArrayOutputStream reply = new ByteArrayOutputStream();
    field(reply, CABLE_REPLY_REFUSED, refused.toByteArray());
    return reply.toByteArray();
  }

  private static void field(ByteArrayOutputStream out, int tag, byte[] value) {
    if (value.length > 127) {
      throw new IllegalArgumentException("a length of more than one byte");
    }
    out.write(tag);
    out.write(value.length);
    out.write(value, 0, value.length);
  }
}
