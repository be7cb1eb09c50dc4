package dev.holdfast.agent.device;

import android.app.AlarmManager;
import android.app.PendingIntent;
import android.app.job.JobInfo;
import android.app.job.JobScheduler;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.os.Build;
import android.os.SystemClock;
import dev.holdfast.agent.AlarmReceiver;
import dev.holdfast.agent.WakeJob;
import dev.holdfast.agent.core.Alarms;
import dev.holdfast.agent.core.Journal;

/**
 * Two alarms by AlarmManager, one that waits until the phone is awake and one that wakes it, exact where Android allows it, and a job
 * some time after them. An alarm that rings moves the others along, so the job runs only where the alarms did not.
 */
final class SystemAlarms implements Alarms {
  static final int JOB_ID = 1;
  private static final int WHEN_AWAKE = 0;
  private static final int WAKE_UP = 1;

  /** An event that asks for another at once must not become a circle. */
  private static final long SOONEST_MILLIS = 1_000;

  private static final long JOB_AFTER_MILLIS = 30 * 60_000;
  private static final long JOB_AT_LATEST_MILLIS = 3 * 3_600_000;

  private final Context context;
  private final Journal journal;
  private final AlarmManager alarms;
  private final JobScheduler jobs;

  SystemAlarms(Context context, Journal journal) {
    this.context = context;
    this.journal = journal;
    alarms = (AlarmManager) context.getSystemService(Context.ALARM_SERVICE);
    jobs = (JobScheduler) context.getSystemService(Context.JOB_SCHEDULER_SERVICE);
  }

  @Override
  public void callAt(long whenAwakeMillis, long wakeUpMillis) {
    long soonest = SystemClock.elapsedRealtime() + SOONEST_MILLIS;
    boolean isExact = mayBeExact();
    setWhenAwake(Math.max(whenAwakeMillis, soonest), isExact);
    setWakeUp(Math.max(wakeUpMillis, soonest), isExact);
    backUp(Math.max(wakeUpMillis, soonest) - soonest);
  }

  @Override
  public void cancel() {
    alarms.cancel(ring(WHEN_AWAKE));
    alarms.cancel(ring(WAKE_UP));
    jobs.cancel(JOB_ID);
  }

  private void setWhenAwake(long at, boolean isExact) {
    if (isExact) {
      try {
        alarms.setExact(AlarmManager.ELAPSED_REALTIME, at, ring(WHEN_AWAKE));
        return;
      } catch (SecurityException takenBack) {
        journal.say("no exact alarm", "");
      }
    }
    alarms.set(AlarmManager.ELAPSED_REALTIME, at, ring(WHEN_AWAKE));
  }

  private void setWakeUp(long at, boolean isExact) {
    if (isExact) {
      try {
        alarms.setExactAndAllowWhileIdle(AlarmManager.ELAPSED_REALTIME_WAKEUP, at, ring(WAKE_UP));
        return;
      } catch (SecurityException takenBack) {
        journal.say("no exact alarm", "");
      }
    }
    alarms.setAndAllowWhileIdle(AlarmManager.ELAPSED_REALTIME_WAKEUP, at, ring(WAKE_UP));
  }

  private PendingIntent ring(int which) {
    return PendingIntent.getBroadcast(
        context,
        which,
        new Intent(context, AlarmReceiver.class),
        PendingIntent.FLAG_UPDATE_CURRENT | PendingIntent.FLAG_IMMUTABLE);
  }

  private void backUp(long inMillis) {
    JobInfo job =
        new JobInfo.Builder(JOB_ID, new ComponentName(context, WakeJob.class))
            .setMinimumLatency(inMillis + JOB_AFTER_MILLIS)
            .setOverrideDeadline(inMillis + JOB_AT_LATEST_MILLIS)
            .setPersisted(true)
            .build();
    try {
      jobs.schedule(job);
    } catch (RuntimeException refused) {
      journal.say("no job", refused.getClass().getSimpleName());
    }
  }

  /** From Android 12 on it is a permission that the borrower may take away, and from 14 on one that is not given unasked. */
  private boolean mayBeExact() {
    return Build.VERSION.SDK_INT < 31 || alarms.canScheduleExactAlarms();
  }
}
