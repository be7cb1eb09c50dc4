package dev.holdfast.agent.core;

import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** What the screens see of the agent: the last that was said, and what the borrower may do, handed to the loop's thread and back. */
public final class BorrowerDesk implements BorrowerActions, AgentHost.Listener {
  private final AgentHost host;
  private final Executor mainThread;
  private volatile Shown shown = Shown.NOTHING;
  private volatile boolean isBroken;

  /** Only on the main thread. */
  private final List<Watcher> watchers = new ArrayList<Watcher>();

  public BorrowerDesk(AgentHost host, Executor mainThread) {
    this.host = host;
    this.mainThread = mainThread;
    host.listen(this);
  }

  @Override
  public Message screen() {
    return shown.screen;
  }

  @Override
  public List<Message> notices() {
    return shown.notices;
  }

  @Override
  public List<Message> lastDecisions(int most) {
    List<Message> decisions = shown.decisions;
    return decisions.subList(Math.max(0, decisions.size() - most), decisions.size());
  }

  @Override
  public boolean isBroken() {
    return isBroken;
  }

  @Override
  public void watch(Watcher watcher) {
    watchers.add(watcher);
  }

  @Override
  public void unwatch(Watcher watcher) {
    watchers.remove(watcher);
  }

  @Override
  public void personPresent(boolean present) {
    host.setPersonPresent(present);
    if (present) {
      // What is on the screen now counts as read.
      host.tick(null);
    }
  }

  @Override
  public void callingSupport() {
    host.letSupportCallThrough();
  }

  @Override
  public void checkNow() {
    host.submit(
        new Runnable() {
          @Override
          public void run() {
            host.handle(HostEvents.checkNow());
          }
        });
  }

  @Override
  public void enterCode(String code, Answer answer) {
    ask(HostEvents.codeEntered(code), answer);
  }

  @Override
  public void takePass(Answer answer) {
    ask(HostEvents.passTaken(), answer);
  }

  @Override
  public void openDispute(Answer answer) {
    ask(HostEvents.disputeOpened(), answer);
  }

  @Override
  public void exportRecord(final File into, final Answer answer) {
    host.submit(
        new Runnable() {
          @Override
          public void run() {
            byte[] file = host.exportRecord();
            answer(answer, file != null && write(into, file), "NOT_STORED");
          }
        });
  }

  @Override
  public void changed(Shown shown, boolean isBroken) {
    this.shown = shown;
    this.isBroken = isBroken;
    mainThread.execute(
        new Runnable() {
          @Override
          public void run() {
            for (Watcher watcher : new ArrayList<Watcher>(watchers)) {
              watcher.screenChanged();
            }
          }
        });
  }

  private void ask(final HostEvents.Body body, final Answer answer) {
    host.submit(
        new Runnable() {
          @Override
          public void run() {
            AgentLoop.Outcome outcome = host.handle(body);
            Message said = outcome == null ? null : outcome.answer;
            // Not stored, or no engine: it was not done.
            boolean accepted = said != null && said.flag(Fields.BorrowerAnswer.ACCEPTED);
            answer(answer, accepted, said == null ? "NOT_STORED" : said.text(Fields.BorrowerAnswer.CODE));
          }
        });
  }

  private void answer(final Answer answer, final boolean accepted, final String code) {
    mainThread.execute(
        new Runnable() {
          @Override
          public void run() {
            answer.answered(accepted, accepted ? "" : code);
          }
        });
  }

  private static boolean write(File into, byte[] bytes) {
    try {
      FileOutputStream out = new FileOutputStream(into);
      try {
        out.write(bytes);
      } finally {
        out.close();
      }
      return true;
    } catch (IOException failed) {
      return false;
    }
  }
}
