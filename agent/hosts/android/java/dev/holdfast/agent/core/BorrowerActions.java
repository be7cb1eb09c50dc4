package dev.holdfast.agent.core;

import dev.holdfast.agent.wire.Message;
import java.io.File;
import java.util.List;

/** What a screen can show and what the person in front of it can do. Calls come from the main thread; answers go there, too. */
public interface BorrowerActions {
  /** Told what became of it. */
  interface Answer {
    /** @param code why not: agent/daemon/borrower.ts, or NOT_STORED; empty if accepted. */
    void answered(boolean accepted, String code);
  }

  /** Told when what should be on the screen changed. */
  interface Watcher {
    void screenChanged();
  }

  /** holdfast.v1.Screen as last said; an empty message before the first. Never null. */
  Message screen();

  /** holdfast.v1.NoticeToShow, as last said. */
  List<Message> notices();

  /** holdfast.v1.Decision of the borrower's record, the latest last. */
  List<Message> lastDecisions(int most);

  /** True if the engine cannot run: the small screen of last resort is shown, with emergency call and support. */
  boolean isBroken();

  void watch(Watcher watcher);

  void unwatch(Watcher watcher);

  /** A person is looking at the agent's own screen, or no longer is. Notices count as read only then. */
  void personPresent(boolean present);

  /** The telephone app is about to open with the support line's number. */
  default void callingSupport() {}

  void checkNow();

  void enterCode(String code, Answer answer);

  void takePass(Answer answer);

  void openDispute(Answer answer);

  /** Writes the borrower's record (RecordFile) into a file of the agent's cache. */
  void exportRecord(File into, Answer answer);
}
