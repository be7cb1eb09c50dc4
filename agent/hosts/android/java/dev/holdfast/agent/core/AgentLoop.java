package dev.holdfast.agent.core;

import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import dev.holdfast.agent.wire.MessageWriter;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;

/**
 * The engine's events, one at a time: the record is appended, the ledger written, the anchor written, and only then is anything
 * performed. An event whose record or ledger cannot be written has not happened: nothing of it is done, what was last applied stays,
 * and time brings the next one. The same as agent/hosts/node/event-loop.ts. All of it on one thread.
 */
final class AgentLoop {
  /** When an event could not be stored: a full disk may have room again. */
  static final long WRITE_RETRY_MILLIS = 60_000;

  /** Decisions that a screen can list. */
  private static final int DECISIONS_SHOWN = 50;

  private static final int ENTROPY_BYTES = 32;

  /** What came of an event and of everything that followed from it at once. */
  static final class Outcome {
    /** CableReply; null if none came. */
    byte[] cableReply;

    /** BorrowerAnswer; null if none came. */
    Message answer;

    /** Envelope of a RecordCheckpoint; null if none came. */
    byte[] checkpoint;

    /** False if any of it could not be written. */
    boolean isStored = true;
  }

  private final Ports ports;
  private final Daemon daemon;
  private final EffectsPerformer performer;
  private final WakeSchedule schedule;
  private final Queue<HostEvents.Body> queue = new ArrayDeque<HostEvents.Body>();
  private final BorrowersRecord record;
  private byte[] stored;
  private byte[] anchor;
  private Outcome outcome = new Outcome();
  private Shown shown = Shown.NOTHING;

  /** @throws IOException if what is stored cannot be read: not the same as nothing being stored. */
  AgentLoop(Ports ports, Daemon daemon, Carrier carrier, Presence presence, WakeSchedule schedule) throws IOException {
    this.ports = ports;
    this.daemon = daemon;
    performer = new EffectsPerformer(ports, carrier, presence, queue, schedule);
    this.schedule = schedule;
    stored = ports.files.readLedger();
    anchor = ports.files.readAnchor();
    record = ports.files.record();
  }

  /** Handles an event and everything that follows from it at once. */
  Outcome dispatch(HostEvents.Body body) throws Daemon.EngineFailed {
    outcome = new Outcome();
    performer.beginRound(body.member == Fields.HostEvent.CABLE);
    queue.add(body);
    try {
      for (HostEvents.Body next = queue.poll(); next != null; next = queue.poll()) {
        handle(next);
      }
    } finally {
      queue.clear();
      performer.endRound();
    }
    return outcome;
  }

  /** When an event is wanted for what waits until an answer over the cable is out; 0 if none is. */
  long waitMillis() {
    return performer.waitMillis();
  }

  /** The borrower's file (RecordFile); null if there is no contract, or its key does not sign. */
  byte[] exportRecord() throws Daemon.EngineFailed {
    byte[] checkpoint = dispatch(HostEvents.recordWanted()).checkpoint;
    byte[] key = ports.deviceKey.publicKey();
    return checkpoint == null || key == null ? null : record.fileEndingWith(checkpoint, key);
  }

  Shown shown() {
    return shown;
  }

  private void handle(HostEvents.Body body) throws Daemon.EngineFailed {
    long elapsedMillis = ports.clock.elapsedMillis();
    Daemon.Handled handled = daemon.handle(stored, event(body, elapsedMillis));
    Message effects = read(handled);
    try {
      // Ahead of the ledger: a crash between them leaves entries that were never decided, and the next ones take their place.
      record.append(effects.chunks(Fields.HostEffects.RECORD));
      if (!Arrays.equals(handled.ledger, stored)) {
        ports.files.writeLedger(handled.ledger);
      }
    } catch (IOException notWritten) {
      notStored(body, elapsedMillis);
      return;
    }
    stored = handled.ledger;
    if (body.member == Fields.HostEvent.STARTED) {
      performer.forgetApplied();
    }
    keepAnchor(effects.bytes(Fields.HostEffects.ANCHOR));
    if (effects.has(Fields.HostEffects.CABLE_REPLY)) {
      outcome.cableReply = effects.bytes(Fields.HostEffects.CABLE_REPLY);
    }
    if (effects.has(Fields.HostEffects.ANSWER)) {
      outcome.answer = effects.message(Fields.HostEffects.ANSWER);
    }
    for (Message fault : effects.messages(Fields.HostEffects.FAULTS)) {
      ports.journal.say("fault", fault.text(Fields.AgentFault.CODE));
    }
    if (effects.has(Fields.HostEffects.SCREEN)) {
      shown =
          new Shown(
              effects.message(Fields.HostEffects.SCREEN),
              effects.messages(Fields.HostEffects.NOTICES),
              record.last(DECISIONS_SHOWN));
    }
    performer.perform(effects);
    checkpoint(effects);
  }

  private byte[] event(HostEvents.Body body, long elapsedMillis) {
    byte[] entropy = new byte[ENTROPY_BYTES];
    ports.random.nextBytes(entropy);
    MessageWriter now =
        new MessageWriter()
            .number(Fields.PoweredOnInstant.BOOT_COUNT, ports.clock.bootCount())
            .number(Fields.PoweredOnInstant.ELAPSED_MS, elapsedMillis);
    return new MessageWriter()
        .nested(Fields.HostEvent.NOW, now)
        .bytes(Fields.HostEvent.ENTROPY, entropy)
        .bytes(Fields.HostEvent.ANCHOR, anchor)
        .nested(body.member, body.content)
        .toBytes();
  }

  /** An engine that answers with rubbish has not answered: nothing of it may reach the disk. */
  private Message read(Daemon.Handled handled) throws Daemon.EngineFailed {
    if (handled.ledger.length == 0 && stored.length > 0) {
      throw new Daemon.EngineFailed("an empty ledger in place of one");
    }
    try {
      return Message.read(handled.effects);
    } catch (IllegalArgumentException rubbish) {
      throw new Daemon.EngineFailed("effects that cannot be read");
    }
  }

  /** An anchor that cannot be written stays an older one, which anchors a little less. */
  private void keepAnchor(byte[] bytes) {
    if (bytes.length == 0 || Arrays.equals(bytes, anchor)) {
      return;
    }
    try {
      ports.files.writeAnchor(bytes);
      anchor = bytes;
    } catch (IOException notWritten) {
      ports.journal.say("anchor not written", "");
    }
  }

  /** A full disk must not lock, unlock or forget anything. */
  private void notStored(HostEvents.Body body, long elapsedMillis) {
    performer.forgetDone();
    queue.clear();
    outcome.isStored = false;
    boolean concernsCable =
        body.member == Fields.HostEvent.CABLE
            || body.member == Fields.HostEvent.SIGNED
            || body.member == Fields.HostEvent.DEVICE_KEY_MADE;
    if (concernsCable && outcome.cableReply == null) {
      outcome.cableReply = CableReplies.refused("NOT_STORED", "the ledger could not be written");
    }
    schedule.callAt(elapsedMillis + WRITE_RETRY_MILLIS);
    ports.journal.say("ledger not written", "event " + body.member);
  }

  /** A record that cannot be shortened stays long; the borrower can take it all the same. */
  private void checkpoint(Message effects) {
    byte[] envelope = effects.bytes(Fields.HostEffects.CHECKPOINT);
    if (envelope.length > 0) {
      outcome.checkpoint = envelope;
      try {
        record.keep(envelope);
      } catch (IOException notWritten) {
        ports.journal.say("checkpoint not written", "");
      }
    } else if (record.wantsCheckpoint() && performer.onceThisRound("checkpoint")) {
      queue.add(HostEvents.recordWanted());
    }
  }
}
