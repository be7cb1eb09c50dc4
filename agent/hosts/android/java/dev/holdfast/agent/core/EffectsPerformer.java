package dev.holdfast.agent.core;

import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/**
 * Does what the engine says should hold, and queues the events that tell what came of it. Effects are stated again with each event;
 * what was answered or begun is not done twice. One part that fails does not stop the others.
 */
final class EffectsPerformer {
  private final Ports ports;
  private final Carrier carrier;
  private final Presence presence;
  private final Queue<HostEvents.Body> queue;
  private final WakeSchedule schedule;

  /** What was answered or begun, so that an effect that is stated again is not performed again. */
  private final Set<String> done = new HashSet<String>();

  /** Attempts that failed are made again at the next event from outside, not in a circle. */
  private final Set<String> triedNow = new HashSet<String>();

  /** The posture that is known to hold; empty if nobody knows. */
  private String applied = "";

  private final AnswerFirst answerFirst = new AnswerFirst();

  EffectsPerformer(Ports ports, Carrier carrier, Presence presence, Queue<HostEvents.Body> queue, WakeSchedule schedule) {
    this.ports = ports;
    this.carrier = carrier;
    this.presence = presence;
    this.queue = queue;
    this.schedule = schedule;
  }

  /** @param isAsked somebody at the cable waits for what comes of this round. */
  void beginRound(boolean isAsked) {
    triedNow.clear();
    answerFirst.begin(isAsked);
  }

  void endRound() {
    answerFirst.end(ports.clock.elapsedMillis());
  }

  /** When an event is wanted for what waits until an answer is out; 0 if none is. */
  long waitMillis() {
    return answerFirst.waitMillis(ports.clock.elapsedMillis());
  }

  boolean onceThisRound(String key) {
    return triedNow.add(key);
  }

  /** After a boot or an update nobody knows what the platform still holds. */
  void forgetApplied() {
    applied = "";
  }

  /** The answers to what was done were not stored: they are to be given again. */
  void forgetDone() {
    done.clear();
    applied = "";
  }

  void perform(Message effects) {
    if (effects.has(Fields.HostEffects.POSTURE)) {
      applyPosture(effects.message(Fields.HostEffects.POSTURE));
    }
    if (effects.has(Fields.HostEffects.MAKE_DEVICE_KEY)) {
      makeDeviceKey(effects.message(Fields.HostEffects.MAKE_DEVICE_KEY).bytes(Fields.DeviceKeyWanted.CHALLENGE));
    }
    for (Message wanted : effects.messages(Fields.HostEffects.SIGN)) {
      sign(wanted);
    }
    // Without a screen nothing was said of notices either: those that are up stay up.
    if (effects.has(Fields.HostEffects.SCREEN)) {
      Message screen = effects.message(Fields.HostEffects.SCREEN);
      showNotices(effects.messages(Fields.HostEffects.NOTICES), screen);
      schedule.locked(screen.number(Fields.Screen.LEVEL) > Fields.RestrictionLevel.RESTRICTION_LEVEL_NONE);
    }
    if (effects.has(Fields.HostEffects.CHECK_IN)) {
      carry(effects.message(Fields.HostEffects.CHECK_IN));
    }
    if (effects.flag(Fields.HostEffects.RETURN_OWNERSHIP)) {
      returnOwnership();
    }
    if (effects.has(Fields.HostEffects.ALARM)) {
      setAlarm(effects.message(Fields.HostEffects.ALARM).number(Fields.Alarm.AT_ELAPSED_MS));
    }
  }

  private void applyPosture(Message message) {
    Posture wanted =
        new Posture(
            message.number(Fields.Posture.REVISION),
            message.texts(Fields.Posture.RESTRICTED),
            message.texts(Fields.Posture.OPEN_PACKAGES));
    Posture posture = answerFirst.now(wanted, ports.clock.elapsedMillis());
    String key = posture.revision + " " + posture.restricted + " " + posture.openPackages;
    if (applied.equals(key) || !onceThisRound("posture " + key)) {
      return;
    }
    try {
      List<String> drift = ports.controls.apply(posture);
      // What drifted is applied again with the next event from outside.
      applied = drift.isEmpty() ? key : "";
      // What still waits is no drift: the posture is reported once all of it was applied.
      if (posture == wanted) {
        queue.add(HostEvents.postureApplied(posture.revision, drift));
      }
    } catch (RuntimeException failed) {
      applied = "";
      failed(Fields.HostPart.HOST_PART_POSTURE, failed);
    }
  }

  private void makeDeviceKey(byte[] challenge) {
    if (!onceThisRound("key " + Arrays.toString(challenge))) {
      return;
    }
    try {
      queue.add(HostEvents.deviceKeyMade(challenge, ports.deviceKey.makeFor(challenge)));
    } catch (GeneralSecurityException failed) {
      failed(Fields.HostPart.HOST_PART_DEVICE_KEY, failed);
    } catch (RuntimeException failed) {
      failed(Fields.HostPart.HOST_PART_DEVICE_KEY, failed);
    }
  }

  private void sign(Message wanted) {
    long requestId = wanted.number(Fields.SignatureWanted.REQUEST_ID);
    if (!done.add("sign " + requestId)) {
      return;
    }
    try {
      queue.add(HostEvents.signed(requestId, ports.deviceKey.sign(wanted.bytes(Fields.SignatureWanted.TO_SIGN))));
    } catch (GeneralSecurityException failed) {
      failed(Fields.HostPart.HOST_PART_SIGNATURE, failed);
    } catch (RuntimeException failed) {
      failed(Fields.HostPart.HOST_PART_SIGNATURE, failed);
    }
  }

  /** Text messages and calls are the lender's: this host carries neither, and claims neither. */
  private void showNotices(List<Message> notices, Message screen) {
    try {
      ports.notices.keepOnly(notices);
    } catch (RuntimeException failed) {
      ports.journal.say("notices not taken down", failed.getClass().getSimpleName());
    }
    for (Message notice : notices) {
      for (long channel : notice.numbers(Fields.NoticeToShow.CHANNELS)) {
        if (isShown((int) channel, notice, screen)) {
          String id = notice.text(Fields.NoticeToShow.NOTICE_ID);
          if (done.add("notice " + channel + " " + id)) {
            queue.add(HostEvents.noticeShown(id, (int) channel));
          }
        }
      }
    }
  }

  private boolean isShown(int channel, Message notice, Message screen) {
    if (channel == Fields.NoticeChannel.NOTICE_CHANNEL_SCREEN) {
      return presence.isPersonPresent();
    }
    if (channel != Fields.NoticeChannel.NOTICE_CHANNEL_NOTIFICATION) {
      return false;
    }
    try {
      return ports.notices.show(notice, screen);
    } catch (RuntimeException failed) {
      ports.journal.say("notice not shown", failed.getClass().getSimpleName());
      return false;
    }
  }

  private void carry(Message checkIn) {
    long counter = checkIn.number(Fields.CheckInWanted.COUNTER);
    if (done.add("check-in " + counter)) {
      carrier.carry(counter, checkIn.text(Fields.CheckInWanted.URL), checkIn.bytes(Fields.CheckInWanted.ENVELOPE));
    }
  }

  private void returnOwnership() {
    if (!onceThisRound("ownership")) {
      return;
    }
    boolean isGone = false;
    try {
      isGone = ports.controls.returnOwnership();
    } catch (RuntimeException failed) {
      // The same as not gone: it is asked for again.
      ports.journal.say("ownership not returned", failed.getClass().getSimpleName());
    }
    queue.add(isGone ? HostEvents.ownershipReturned() : HostEvents.hostFailed(Fields.HostPart.HOST_PART_OWNERSHIP));
  }

  private void setAlarm(long atElapsedMillis) {
    try {
      schedule.callAt(atElapsedMillis);
    } catch (RuntimeException failed) {
      ports.journal.say("alarm not set", failed.getClass().getSimpleName());
    }
  }

  private void failed(int part, Exception why) {
    ports.journal.say("failed", part + " " + why.getClass().getSimpleName());
    queue.add(HostEvents.hostFailed(part));
  }
}
