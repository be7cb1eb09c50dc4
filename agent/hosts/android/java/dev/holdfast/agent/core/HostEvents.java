package dev.holdfast.agent.core;

import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.MessageWriter;
import java.util.Collections;
import java.util.List;

/** What can happen to a host: the members of HostEvent's oneof. */
final class HostEvents {
  /** What happened, without when. */
  static final class Body {
    /** Its member of HostEvent. */
    final int member;

    final MessageWriter content;

    Body(int member, MessageWriter content) {
      this.member = member;
      this.content = content;
    }
  }

  private HostEvents() {}

  static Body started() {
    return new Body(Fields.HostEvent.STARTED, new MessageWriter());
  }

  static Body tick() {
    return new Body(Fields.HostEvent.TICK, new MessageWriter());
  }

  static Body cable(byte[] request) {
    return new Body(Fields.HostEvent.CABLE, new MessageWriter().bytes(Fields.CableArrived.REQUEST, request));
  }

  static Body reply(byte[] envelope) {
    return new Body(Fields.HostEvent.REPLY, new MessageWriter().bytes(Fields.ReplyArrived.REPLY_ENVELOPE, envelope));
  }

  static Body checkInFailed(long counter) {
    return new Body(Fields.HostEvent.CHECK_IN_FAILED, new MessageWriter().number(Fields.CheckInFailed.COUNTER, counter));
  }

  static Body checkNow() {
    return new Body(Fields.HostEvent.CHECK_NOW, new MessageWriter());
  }

  static Body noticeShown(String id, int channel) {
    return new Body(
        Fields.HostEvent.NOTICE_SHOWN,
        new MessageWriter().text(Fields.NoticeShown.NOTICE_ID, id).number(Fields.NoticeShown.CHANNEL, channel));
  }

  static Body deviceKeyMade(byte[] challenge, DeviceKey.Made made) {
    return new Body(
        Fields.HostEvent.DEVICE_KEY_MADE,
        new MessageWriter()
            .bytes(Fields.DeviceKeyMade.CHALLENGE, challenge)
            .bytes(Fields.DeviceKeyMade.PUBLIC_KEY, made.publicKey)
            .chunks(Fields.DeviceKeyMade.ATTESTATION_CHAIN, made.attestationChain));
  }

  static Body signed(long requestId, byte[] signature) {
    return new Body(
        Fields.HostEvent.SIGNED,
        new MessageWriter().number(Fields.Signed.REQUEST_ID, requestId).bytes(Fields.Signed.SIGNATURE, signature));
  }

  static Body postureApplied(long revision, List<String> drift) {
    return new Body(
        Fields.HostEvent.POSTURE_APPLIED,
        new MessageWriter().number(Fields.PostureApplied.REVISION, revision).texts(Fields.PostureApplied.DRIFT, drift));
  }

  static Body emergencyCall(boolean active) {
    return new Body(Fields.HostEvent.EMERGENCY_CALL, new MessageWriter().flag(Fields.EmergencyCall.ACTIVE, active));
  }

  static Body ownershipReturned() {
    return new Body(Fields.HostEvent.OWNERSHIP_RETURNED, new MessageWriter());
  }

  static Body facts(HandsetControls.Facts facts, String agentVersion) {
    MessageWriter content =
        new MessageWriter()
            .texts(Fields.FactsRead.IMEIS, orNone(facts.imeis))
            .text(Fields.FactsRead.SERIAL, facts.serial == null ? "" : facts.serial)
            .flag(Fields.FactsRead.DEVICE_OWNER, facts.deviceOwner)
            .text(Fields.FactsRead.AGENT_VERSION, agentVersion);
    List<String> packages = orNone(facts.essentialPackages);
    for (int index = 0; index < packages.size(); index++) {
      content.nested(
          Fields.FactsRead.ESSENTIAL_PACKAGES,
          new MessageWriter()
              .number(Fields.EssentialPackage.ROLE, facts.essentialRoles.get(index))
              .text(Fields.EssentialPackage.PACKAGE_NAME, packages.get(index)));
    }
    content.bytes(Fields.FactsRead.SIM_DIGEST, orNone(facts.simDigest));
    content.bytes(Fields.FactsRead.ATTESTATION_DIGEST, orNone(facts.attestationDigest));
    return new Body(Fields.HostEvent.FACTS, content);
  }

  static Body codeEntered(String code) {
    return new Body(Fields.HostEvent.CODE_ENTERED, new MessageWriter().text(Fields.CodeEntered.CODE, code));
  }

  static Body passTaken() {
    return new Body(Fields.HostEvent.PASS_TAKEN, new MessageWriter());
  }

  static Body disputeOpened() {
    return new Body(Fields.HostEvent.DISPUTE_OPENED, new MessageWriter());
  }

  static Body hostFailed(int part) {
    return new Body(Fields.HostEvent.HOST_FAILED, new MessageWriter().number(Fields.HostFailed.PART, part));
  }

  static Body recordWanted() {
    return new Body(Fields.HostEvent.RECORD_WANTED, new MessageWriter());
  }

  private static List<String> orNone(List<String> values) {
    return values == null ? Collections.<String>emptyList() : values;
  }

  private static byte[] orNone(byte[] bytes) {
    return bytes == null ? new byte[0] : bytes;
  }
}
