package dev.holdfast.agent.core;

import dev.holdfast.agent.wire.Message;
import java.util.Collections;
import java.util.List;

/** What a screen can show, as of the last event. Never changes: made on the loop's thread, read on the main one. */
final class Shown {
  static final Shown NOTHING =
      new Shown(Message.empty(), Collections.<Message>emptyList(), Collections.<Message>emptyList());

  /** Screen. */
  final Message screen;

  /** NoticeToShow. */
  final List<Message> notices;

  /** Decision, the latest last. */
  final List<Message> decisions;

  Shown(Message screen, List<Message> notices, List<Message> decisions) {
    this.screen = screen;
    this.notices = Collections.unmodifiableList(notices);
    this.decisions = Collections.unmodifiableList(decisions);
  }
}
