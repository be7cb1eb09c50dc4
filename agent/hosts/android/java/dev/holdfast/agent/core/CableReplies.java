package dev.holdfast.agent.core;

import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.MessageWriter;

/** What a request over the cable is answered with when the engine did not answer. Codes: agent/daemon/refusals.ts. */
public final class CableReplies {
  private CableReplies() {}

  /** CableReply { refused { code, detail } }. */
  public static byte[] refused(String code, String detail) {
    MessageWriter refused = new MessageWriter().text(Fields.Refused.CODE, code).text(Fields.Refused.DETAIL, detail);
    return new MessageWriter().nested(Fields.CableReply.REFUSED, refused).toBytes();
  }
}
