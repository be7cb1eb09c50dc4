package dev.holdfast.agent;

import android.app.Application;
import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.os.Handler;
import android.os.Looper;
import android.os.SystemClock;
import dev.holdfast.agent.core.AgentHost;
import dev.holdfast.agent.core.BorrowerActions;
import dev.holdfast.agent.core.BorrowerDesk;
import dev.holdfast.agent.core.Ports;
import dev.holdfast.agent.device.DevicePorts;
import dev.holdfast.agent.screens.Screens;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/** The process: one agent, made when the first component asks, which may be the provider before {@link #onCreate}. */
public class AgentApp extends Application {
  /** Some people unlock their phone a hundred times a day. */
  private static final long PRESENCE_SPACING_MILLIS = 15 * 60_000;

  private static final long STACK_BYTES = 2L * 1024 * 1024;

  private long presentMillis = -PRESENCE_SPACING_MILLIS;
  private AgentHost host;
  private BorrowerDesk desk;

  /** The agent of this process. */
  public static AgentHost host(Context context) {
    AgentApp app = (AgentApp) context.getApplicationContext();
    app.open();
    return app.host;
  }

  /** What the screens see of it. */
  public static BorrowerActions borrower(Context context) {
    AgentApp app = (AgentApp) context.getApplicationContext();
    app.open();
    return app.desk;
  }

  @Override
  public void onCreate() {
    super.onCreate();
    open();
    Screens.install(desk);
    watch(new FrontPage(this, desk));
    watch(new OwnersWords(this, desk, host.controls()));
    registerReceiver(
        new BroadcastReceiver() {
          @Override
          public void onReceive(Context context, Intent intent) {
            if (SystemClock.elapsedRealtime() - presentMillis >= PRESENCE_SPACING_MILLIS) {
              presentMillis = SystemClock.elapsedRealtime();
              host.tick(null);
            }
          }
        },
        new IntentFilter(Intent.ACTION_USER_PRESENT));
    IntentFilter added = new IntentFilter(Intent.ACTION_PACKAGE_ADDED);
    added.addDataScheme("package");
    // What is closed is closed for an app that came later, too; and a new dialer or keyboard is open.
    registerReceiver(
        new BroadcastReceiver() {
          @Override
          public void onReceive(Context context, Intent intent) {
            host.wake(null);
          }
        },
        added);
  }

  /** The first event may have been handled before this. */
  private void watch(BorrowerActions.Watcher watcher) {
    desk.watch(watcher);
    watcher.screenChanged();
  }

  /** What the agent is given here. */
  Ports ports() {
    return DevicePorts.of(this);
  }

  private synchronized void open() {
    if (host != null) {
      return;
    }
    host = new AgentHost(ports(), loopThread());
    desk = new BorrowerDesk(host, mainThread());
    host.start();
  }

  /** An own thread, with more stack than the engine may use. */
  private static ExecutorService loopThread() {
    return Executors.newSingleThreadExecutor(
        new ThreadFactory() {
          @Override
          public Thread newThread(Runnable work) {
            return new Thread(null, work, "agent", STACK_BYTES);
          }
        });
  }

  private static Executor mainThread() {
    final Handler handler = new Handler(Looper.getMainLooper());
    return new Executor() {
      @Override
      public void execute(Runnable work) {
        handler.post(work);
      }
    };
  }
}
