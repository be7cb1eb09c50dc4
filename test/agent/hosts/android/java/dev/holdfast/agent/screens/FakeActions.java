package dev.holdfast.agent.screens;

import dev.holdfast.agent.core.BorrowerActions;
import dev.holdfast.agent.wire.Message;
import java.io.File;
import java.util.ArrayList;
import java.util.List;

/** Shows what it is given and writes down what was asked. */
final class FakeActions implements BorrowerActions {
  Message screen = Message.empty();
  List<Message> notices = List.of();
  List<Message> decisions = List.of();
  boolean broken;

  /** What the next question is answered with; empty means accepted, null that no answer comes. */
  String refusal = "";

  final List<String> asked = new ArrayList<>();
  final List<Watcher> watchers = new ArrayList<>();

  static FakeActions installed(Samples sample) {
    FakeActions fake = new FakeActions();
    fake.screen = sample.screen();
    Screens.install(fake);
    return fake;
  }

  void say(Message next) {
    screen = next;
    for (Watcher watcher : List.copyOf(watchers)) {
      watcher.screenChanged();
    }
  }

  private void answer(String question, Answer answer) {
    asked.add(question);
    if (refusal != null) {
      answer.answered(refusal.isEmpty(), refusal);
    }
  }

  @Override
  public Message screen() {
    return screen;
  }

  @Override
  public List<Message> notices() {
    return notices;
  }

  @Override
  public List<Message> lastDecisions(int most) {
    return decisions;
  }

  @Override
  public boolean isBroken() {
    return broken;
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
    asked.add("present " + present);
  }

  @Override
  public void checkNow() {
    asked.add("check");
  }

  @Override
  public void enterCode(String code, Answer answer) {
    answer("code " + code, answer);
  }

  @Override
  public void takePass(Answer answer) {
    answer("pass", answer);
  }

  @Override
  public void openDispute(Answer answer) {
    answer("dispute", answer);
  }

  @Override
  public void exportRecord(File into, Answer answer) {
    answer("export " + into.getName(), answer);
  }
}
