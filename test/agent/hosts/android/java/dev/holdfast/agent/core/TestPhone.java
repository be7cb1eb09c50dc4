package dev.holdfast.agent.core;

import dev.holdfast.agent.StandIn;
import dev.holdfast.agent.engine.Engine;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import dev.holdfast.agent.wire.MessageWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A phone without Android under the host's core: everything that is stored or applied outlives {@link #restart}, time is turned by the
 * test, and each step of the host can be its last.
 */
final class TestPhone {
  /** 2026-06-01T12:00:00Z, as in test/agent/test-lender.ts. */
  static final long EPOCH = 1_780_315_200L;

  static final long DAY_MILLIS = 86_400_000L;

  /** The process ends here. */
  static final class Killed extends ThreadDeath {}

  final Ports ports = new Ports();
  final List<String> steps = Collections.synchronizedList(new ArrayList<>());
  final List<String> journal = Collections.synchronizedList(new ArrayList<>());
  final List<StartLog.Start> starts = new ArrayList<>();
  final List<byte[]> orders = new ArrayList<>();
  final List<String> shownNotices = new ArrayList<>();

  long now = 1000;
  long boots = 1;
  long alarmAt;
  long wakeUpAt;
  byte[] ledger = new byte[0];
  byte[] anchor = new byte[0];
  final List<byte[]> record = new ArrayList<>();
  List<String> restricted = List.of();
  List<String> drift = List.of();
  boolean isOwner = true;
  boolean isCalling;
  boolean isNetworkUp = true;
  boolean isNotificationAllowed = true;
  boolean isKeyLost;
  int postures;
  int posts;
  int pressedAwake;

  /** The process is killed before the step of this number; 0 for never. */
  int killAtStep;

  /** Steps of this name fail as a full disk does. */
  String fails = "";

  private final StandIn lender;
  private KeyPair key;
  private byte[] challenge;
  private Runnable callOver;

  /** What is to be told soon, by when. */
  private final ConcurrentSkipListMap<Long, Runnable> soon = new ConcurrentSkipListMap<>();

  private ExecutorService thread;
  AgentHost host;
  BorrowerDesk desk;

  TestPhone(StandIn lender) {
    this.lender = lender;
    ports.daemons = () -> lender::handle;
    ports.agentVersion = "1.0.0";
    ports.journal = (what, detail) -> journal.add(what + ": " + detail);
    ports.clock =
        new Clock() {
          @Override
          public long elapsedMillis() {
            return now;
          }

          @Override
          public long bootCount() {
            return boots;
          }
        };
    ports.alarms =
        new Alarms() {
          @Override
          public void callAt(long whenAwakeMillis, long wakeUpMillis) {
            step("alarm");
            alarmAt = whenAwakeMillis;
            wakeUpAt = wakeUpMillis;
          }

          @Override
          public void cancel() {
            step("alarm");
            alarmAt = 0;
            wakeUpAt = 0;
          }
        };
    ports.delay = (millis, told) -> soon.put(now + millis, told);
    ports.starts =
        new StartLog() {
          @Override
          public List<Start> read() {
            return new ArrayList<>(starts);
          }

          @Override
          public void write(List<Start> kept) throws IOException {
            mayFail("starts");
            List<Start> copy = new ArrayList<>(kept);
            starts.clear();
            starts.addAll(copy);
          }
        };
    ports.files = new Files();
    ports.deviceKey = new Key();
    ports.controls = new Controls();
    ports.poster =
        (url, body, deadline) -> {
          posts++;
          if (!isNetworkUp) {
            throw new IOException("no network");
          }
          return lender.reply(body, EPOCH + now / 1000, orders);
        };
    ports.notices =
        new NoticeBoard() {
          @Override
          public boolean show(Message notice, Message screen) {
            if (isNotificationAllowed) {
              shownNotices.add(notice.text(Fields.NoticeToShow.NOTICE_ID));
            }
            return isNotificationAllowed;
          }

          @Override
          public void keepOnly(List<Message> notices) {}
        };
    ports.calls =
        new CallState() {
          @Override
          public boolean mayBeEmergency() {
            return isCalling;
          }

          @Override
          public void whenOver(Runnable told) {
            callOver = told;
          }
        };
    ports.awake =
        new KeepAwake() {
          @Override
          public void begin() {
            synchronized (TestPhone.this) {
              pressedAwake++;
            }
          }

          @Override
          public void end() {
            synchronized (TestPhone.this) {
              pressedAwake--;
              TestPhone.this.notifyAll();
            }
          }
        };
  }

  /** QuickJS as on a phone, in place of the daemon on Node, which is faster. */
  TestPhone withEngine() {
    Engine engine = new Engine(() -> java.nio.file.Files.readAllBytes(Path.of(System.getProperty("holdfast.bundle"))));
    ports.daemons = () -> engine;
    return this;
  }

  /** The process starts, with nothing but what was stored. */
  TestPhone restart() {
    if (thread != null) {
      idle();
      thread.shutdown();
    }
    killAtStep = 0;
    steps.clear();
    soon.clear();
    thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread loop = new Thread(work, "agent");
              loop.setUncaughtExceptionHandler((which, killed) -> journal.add("killed"));
              return loop;
            });
    host = new AgentHost(ports, thread);
    desk = new BorrowerDesk(host, Runnable::run);
    host.start();
    return idle();
  }

  TestPhone reboot() {
    boots++;
    now = 1000;
    alarmAt = 0;
    wakeUpAt = 0;
    return restart();
  }

  /** Until nothing is under way. */
  synchronized TestPhone idle() {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (pressedAwake > 0 && System.nanoTime() < until) {
      try {
        wait(50);
      } catch (InterruptedException interrupted) {
        throw new IllegalStateException(interrupted);
      }
    }
    return this;
  }

  Message cable(byte[] request) {
    Message reply = Message.read(host.cable(request, 20_000));
    idle();
    return reply;
  }

  Message hello() {
    MessageWriter hello = new MessageWriter().bytes(Fields.Hello.CHALLENGE, new byte[16]);
    return cable(new MessageWriter().nested(Fields.CableRequest.HELLO, hello).toBytes());
  }

  Message bind() {
    return cable(lender.bind());
  }

  Message seal() {
    return cable(new MessageWriter().nested(Fields.CableRequest.SEAL, new MessageWriter()).toBytes());
  }

  Message deliver(byte[] order) {
    MessageWriter orders = new MessageWriter().bytes(Fields.DeliverOrders.ORDER_ENVELOPES, order);
    return cable(new MessageWriter().nested(Fields.CableRequest.DELIVER_ORDERS, orders).toBytes());
  }

  static String refusal(Message reply) {
    return reply.message(Fields.CableReply.REFUSED).text(Fields.Refused.CODE);
  }

  long screen() {
    return desk.screen().number(Fields.Screen.KIND);
  }

  /** Time passes with the phone awake, and each alarm rings at its time. Gives how many did. */
  int pass(long millis) {
    long until = now + millis;
    int rang = 0;
    for (Map.Entry<Long, Runnable> next = soon.firstEntry(); next != null && next.getKey() <= until; next = soon.firstEntry()) {
      now = Math.max(now, next.getKey());
      soon.remove(next.getKey()).run();
      idle();
    }
    while (alarmAt != 0 && alarmAt <= until) {
      now = Math.max(now, alarmAt);
      rang++;
      ring();
    }
    now = until;
    return rang;
  }

  /** Time passes with the phone asleep but for what wakes it. Gives how often that was. */
  int sleep(long millis) {
    long until = now + millis;
    int woken = 0;
    while (wakeUpAt != 0 && wakeUpAt <= until) {
      now = Math.max(now, wakeUpAt);
      woken++;
      ring();
    }
    now = until;
    return woken;
  }

  /** Somebody takes the phone into the hand: what was due rings at once. */
  void wakeByHand() {
    if (alarmAt != 0 && alarmAt <= now) {
      ring();
    }
  }

  private void ring() {
    alarmAt = 0;
    host.tick(null);
    idle();
  }

  void endCall() {
    isCalling = false;
    if (callOver != null) {
      callOver.run();
    }
    idle();
  }

  private void step(String name) {
    steps.add(name);
    if (killAtStep == steps.size()) {
      throw new Killed();
    }
  }

  private void mayFail(String name) throws IOException {
    step(name);
    if (fails.equals(name)) {
      throw new IOException("no space left on device");
    }
  }

  private final class Files implements HandsetFiles {
    @Override
    public byte[] readLedger() throws IOException {
      if (fails.equals("read")) {
        throw new IOException("input/output error");
      }
      return ledger;
    }

    @Override
    public void writeLedger(byte[] bytes) throws IOException {
      mayFail("ledger");
      ledger = bytes;
    }

    @Override
    public byte[] readAnchor() {
      return anchor;
    }

    @Override
    public void writeAnchor(byte[] bytes) throws IOException {
      mayFail("anchor");
      anchor = bytes;
    }

    @Override
    public BorrowersRecord record() {
      return new RecordInMemory();
    }
  }

  /** What record.bin promises, in memory; the real one has tests of its own. */
  private final class RecordInMemory implements BorrowersRecord {
    private long number(byte[] entry) {
      return Message.read(Message.read(entry).bytes(Fields.RecordEntry.DECISION)).number(Fields.Decision.NUMBER);
    }

    @Override
    public void append(List<byte[]> entries) throws IOException {
      if (entries.isEmpty()) {
        return;
      }
      mayFail("record");
      record.removeIf(kept -> number(kept) >= number(entries.get(0)));
      record.addAll(entries);
    }

    @Override
    public boolean wantsCheckpoint() {
      return false;
    }

    @Override
    public void keep(byte[] checkpointEnvelope) {}

    @Override
    public byte[] fileEndingWith(byte[] checkpointEnvelope, byte[] devicePublicKey) {
      return checkpointEnvelope;
    }

    @Override
    public List<Message> last(int most) {
      List<Message> decisions = new ArrayList<>();
      for (byte[] entry : record) {
        decisions.add(Message.read(Message.read(entry).bytes(Fields.RecordEntry.DECISION)));
      }
      return decisions;
    }
  }

  private final class Key implements DeviceKey {
    @Override
    public Made makeFor(byte[] wanted) throws GeneralSecurityException {
      step("key");
      if (!Arrays.equals(wanted, challenge)) {
        KeyPairGenerator maker = KeyPairGenerator.getInstance("EC");
        maker.initialize(new ECGenParameterSpec("secp256r1"));
        key = maker.generateKeyPair();
        challenge = wanted;
      }
      return new Made(publicKey(), List.of());
    }

    @Override
    public byte[] publicKey() {
      if (key == null || isKeyLost) {
        return null;
      }
      byte[] info = key.getPublic().getEncoded();
      return Arrays.copyOfRange(info, info.length - 65, info.length);
    }

    @Override
    public byte[] sign(byte[] message) throws GeneralSecurityException {
      step("sign");
      if (isKeyLost || key == null) {
        throw new GeneralSecurityException("the device key is gone");
      }
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(key.getPrivate());
      signature.update(message);
      return signature.sign();
    }
  }

  private final class Controls implements HandsetControls {
    @Override
    public Facts facts() {
      Facts facts = new Facts();
      facts.imeis = List.of("866907051234564", "866907051234648");
      facts.serial = "SERIAL1";
      facts.deviceOwner = isOwner;
      return facts;
    }

    @Override
    public List<String> apply(Posture posture) {
      step("posture");
      postures++;
      if (!isOwner) {
        throw new SecurityException("not device owner");
      }
      restricted = posture.restricted;
      return drift;
    }

    @Override
    public boolean returnOwnership() {
      step("ownership");
      isOwner = false;
      return true;
    }
  }
}
