// Written by npm run docs from agent/policy/posture.ts. Never edited.
package dev.holdfast.agent.screens;

import dev.holdfast.agent.R;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** One control and where it is restricted. */
final class PostureTable {
  static final int OPEN = 0;
  static final int OFF = 1;
  static final int OFF_IF_POSSIBLE = 2;

  /** Columns. */
  static final int UNLOCKED = 0;
  static final int GRACE = 1;
  static final int LIMITED = 2;
  static final int FULL = 3;
  /** No column at all. */
  static final int NEVER = 4;

  static final List<PostureTable> ROWS =
      Collections.unmodifiableList(Arrays.asList(
        new PostureTable(R.string.control_emergency_call, OPEN, OPEN, OPEN, OPEN),
        new PostureTable(R.string.control_incoming_calls, OPEN, OPEN, OPEN, OPEN),
        new PostureTable(R.string.control_support_line, OPEN, OPEN, OPEN, OPEN),
        new PostureTable(R.string.control_pay_app, OPEN, OPEN, OPEN, OPEN),
        new PostureTable(R.string.control_internet, OPEN, OPEN, OPEN, OPEN),
        new PostureTable(R.string.control_messages_and_alerts, OPEN, OPEN, OPEN, OPEN),
        new PostureTable(R.string.control_outgoing_calls, OPEN, OPEN, OPEN, OFF_IF_POSSIBLE),
        new PostureTable(R.string.control_camera_and_gallery, OPEN, OPEN, OFF, OFF),
        new PostureTable(R.string.control_other_apps, OPEN, OPEN, OFF_IF_POSSIBLE, OFF_IF_POSSIBLE),
        new PostureTable(R.string.control_lock_task, OPEN, OPEN, OPEN, OFF),
        new PostureTable(R.string.control_settings, OPEN, OPEN, OPEN, OFF_IF_POSSIBLE),
        new PostureTable(R.string.control_status_bar, OPEN, OPEN, OPEN, OFF_IF_POSSIBLE),
        new PostureTable(R.string.control_factory_reset, OFF_IF_POSSIBLE, OFF_IF_POSSIBLE, OFF_IF_POSSIBLE, OFF_IF_POSSIBLE),
        new PostureTable(R.string.control_safe_mode, OFF_IF_POSSIBLE, OFF_IF_POSSIBLE, OFF_IF_POSSIBLE, OFF_IF_POSSIBLE),
        new PostureTable(R.string.control_debugging, OFF, OFF, OFF, OFF),
        new PostureTable(R.string.control_add_user, OFF, OFF, OFF, OFF),
        new PostureTable(R.string.control_date_and_time, OPEN, OPEN, OPEN, OPEN),
        new PostureTable(R.string.control_uninstall_agent, OFF, OFF, OFF, OFF)));

  /** What the borrower reads: a string resource. */
  final int label;

  /** By column. */
  final int[] cells;

  private PostureTable(int label, int... cells) {
    this.label = label;
    this.cells = cells;
  }

  /** The first column that restricts it, or NEVER. */
  int firstRestricted() {
    int column = 0;
    while (column < cells.length && cells[column] == OPEN) {
      column++;
    }
    return column;
  }
}
