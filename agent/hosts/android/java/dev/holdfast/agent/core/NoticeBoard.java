package dev.holdfast.agent.core;

import dev.holdfast.agent.wire.Message;
import java.util.List;

/** Notifications of the platform. */
public interface NoticeBoard {
  /**
   * Shows a notice (NoticeToShow) until it is taken down. Shown again, it stays as it is.
   *
   * @return whether it is there for whoever looks: false if the borrower switched notifications off.
   */
  boolean show(Message notice, Message screen);

  /** Takes down everything but these (NoticeToShow). */
  void keepOnly(List<Message> notices);
}
