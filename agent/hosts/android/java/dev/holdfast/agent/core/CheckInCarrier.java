package dev.holdfast.agent.core;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Carries check-ins on threads of their own, a few a day. The deadline holds even if whoever posts does not keep it; what comes after
 * it is not looked at.
 */
final class CheckInCarrier implements Carrier {
  private final Ports ports;
  private final AgentHost host;

  CheckInCarrier(Ports ports, AgentHost host) {
    this.ports = ports;
    this.host = host;
  }

  @Override
  public void carry(final long counter, final String url, final byte[] envelope) {
    final FutureTask<byte[]> post =
        new FutureTask<byte[]>(
            new Callable<byte[]>() {
              @Override
              public byte[] call() throws IOException {
                return ports.poster.post(url, envelope, ports.postDeadlineMillis);
              }
            });
    ports.awake.begin();
    daemonThread("check-in", post);
    daemonThread(
        "check-in deadline",
        new Runnable() {
          @Override
          public void run() {
            try {
              arrive(counter, await(post));
            } finally {
              ports.awake.end();
            }
          }
        });
  }

  /** Null if it came to nothing. */
  private byte[] await(FutureTask<byte[]> post) {
    try {
      return post.get(ports.postDeadlineMillis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException failed) {
      ports.journal.say("check-in not carried", failed.getCause().getClass().getSimpleName());
    } catch (TimeoutException late) {
      ports.journal.say("check-in not carried", "no answer in time");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    post.cancel(true);
    return null;
  }

  private void arrive(final long counter, final byte[] reply) {
    host.submit(
        new Runnable() {
          @Override
          public void run() {
            host.handle(reply == null ? HostEvents.checkInFailed(counter) : HostEvents.reply(reply));
          }
        });
  }

  private static void daemonThread(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
