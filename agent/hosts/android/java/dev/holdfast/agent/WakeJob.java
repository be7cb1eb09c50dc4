package dev.holdfast.agent;

import android.app.job.JobParameters;
import android.app.job.JobService;
import android.os.Handler;
import android.os.Looper;

/** A second chance for an alarm that did not ring: some vendors drop them, and the one at boot with them. */
public final class WakeJob extends JobService {
  @Override
  public boolean onStartJob(final JobParameters job) {
    final Handler main = new Handler(Looper.getMainLooper());
    AgentApp.host(this)
        .tick(
            new Runnable() {
              @Override
              public void run() {
                main.post(
                    new Runnable() {
                      @Override
                      public void run() {
                        jobFinished(job, false);
                      }
                    });
              }
            });
    return true;
  }

  /** The event is not interrupted; the next alarm comes with its own job. */
  @Override
  public boolean onStopJob(JobParameters job) {
    return false;
  }
}
