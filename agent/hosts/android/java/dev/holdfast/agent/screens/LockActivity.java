package dev.holdfast.agent.screens;

import android.app.Activity;
import android.content.Context;
import android.os.Bundle;
import android.os.Handler;
import android.os.Looper;
import android.os.PowerManager;
import android.view.View;
import android.widget.TextView;
import dev.holdfast.agent.R;
import dev.holdfast.agent.core.BorrowerActions;
import dev.holdfast.agent.wire.Fields;
import java.io.File;

/**
 * The agent's one screen: the page that the engine says, locked or not, and what the person in front of it can do. It decides nothing;
 * it shows BorrowerActions.screen() and passes on presses.
 */
public final class LockActivity extends Activity implements View.OnClickListener, BorrowerActions.Watcher {
  /** No oftener, and only while a locked page is looked at: times that are left move on. */
  static final long REFRESH_MS = 30_000;

  private static final int DECISIONS_SHOWN = 50;
  private static final String KEY_PAGE = "page";
  private static final String KEY_CODE = "code";

  private final Handler handler = new Handler(Looper.getMainLooper());
  private final Runnable refresh =
      new Runnable() {
        @Override
        public void run() {
          screenChanged();
        }
      };

  private Kit kit;
  private int page = PageState.MAIN;
  private String answer = "";
  private View shown;
  private int shownPage;
  private boolean isResumed;
  private boolean isPresent;

  @Override
  protected void attachBaseContext(Context base) {
    super.attachBaseContext(Language.in(base, Screens.actions().screen().texts(Fields.Screen.LANGUAGES)));
  }

  @Override
  protected void onCreate(Bundle saved) {
    super.onCreate(saved);
    kit = new Kit(this, this);
    String code = "";
    if (saved != null) {
      page = saved.getInt(KEY_PAGE);
      code = saved.getString(KEY_CODE, "");
    }
    render(code);
  }

  @Override
  protected void onSaveInstanceState(Bundle saved) {
    super.onSaveInstanceState(saved);
    saved.putInt(KEY_PAGE, page);
    saved.putString(KEY_CODE, typed());
  }

  @Override
  protected void onResume() {
    super.onResume();
    isResumed = true;
    Screens.actions().watch(this);
    screenChanged();
  }

  @Override
  protected void onPause() {
    isResumed = false;
    handler.removeCallbacks(refresh);
    Screens.actions().unwatch(this);
    tellPresence();
    super.onPause();
  }

  @Override
  public void onWindowFocusChanged(boolean hasFocus) {
    super.onWindowFocusChanged(hasFocus);
    tellPresence();
  }

  /** Somebody can read it: in front, in focus, with the display on. */
  private void tellPresence() {
    PowerManager power = (PowerManager) getSystemService(Context.POWER_SERVICE);
    boolean present = isResumed && hasWindowFocus() && (power == null || power.isInteractive());
    if (present != isPresent) {
      isPresent = present;
      Screens.actions().personPresent(present);
    }
  }

  @Override
  public void screenChanged() {
    render(typed());
    handler.removeCallbacks(refresh);
    if (isResumed && state("").isLocked()) {
      handler.postDelayed(refresh, REFRESH_MS);
    }
  }

  private PageState state(String code) {
    BorrowerActions actions = Screens.actions();
    PageState state = new PageState();
    state.screen = actions.screen();
    state.notices = actions.notices();
    state.decisions = page == PageState.LOG ? actions.lastDecisions(DECISIONS_SHOWN) : state.decisions;
    state.nowMs = System.currentTimeMillis();
    state.screenAgeMs = Screens.screenAgeMs();
    state.page = page;
    state.answer = answer;
    state.code = code;
    return state;
  }

  /** Shows what holds now. A page that would read the same stays, so that TalkBack and the keyboard keep their place. */
  private void render(String code) {
    PageState state = state(code);
    boolean broken = Screens.actions().isBroken();
    LockTask.showAboveKeyguard(this, broken || state.isLocked());
    if (!broken && state.kind() != Fields.ScreenKind.SCREEN_KIND_UNSPECIFIED) {
      LockTask.follow(this, state.isFull());
    }
    String phone = state.contact().text(Fields.Contact.SUPPORT_PHONE);
    View made = broken ? BrokenPage.of(kit, state.screen.text(Fields.Screen.LENDER_NAME), phone) : LockPages.of(kit, state);
    if (shown == null || !Pages.readTheSame(shown, made)) {
      Pages.replace(this, shown, made, shownPage == page);
      shown = made;
      shownPage = page;
    }
  }

  private String typed() {
    View field = shown == null ? null : shown.findViewById(R.id.code_field);
    return field == null ? "" : ((TextView) field).getText().toString();
  }

  private void show(int next) {
    page = next;
    answer = "";
    render("");
  }

  /** Behind the first page, back leads to it. A fully locked first page has nothing behind it. */
  @Override
  @SuppressWarnings("deprecation")
  public void onBackPressed() {
    if (page != PageState.MAIN) {
      show(PageState.MAIN);
    } else if (!state("").isFull()) {
      super.onBackPressed();
    }
  }

  @Override
  public void onClick(View pressed) {
    PageState state = state("");
    String phone = state.contact().text(Fields.Contact.SUPPORT_PHONE);
    switch (pressed.getId()) {
      case R.id.emergency:
        opened(Phone.callEmergency(this));
        break;
      case R.id.support:
        Screens.actions().callingSupport();
        opened(Phone.dial(this, phone));
        break;
      case R.id.pay:
        opened(Phone.browse(this, state.contact().text(Fields.Contact.PAY_URL)));
        break;
      case R.id.support_page:
        opened(Phone.browse(this, state.contact().text(Fields.Contact.SUPPORT_URL)));
        break;
      case R.id.dispute_page:
        opened(Phone.browse(this, state.contact().text(Fields.Contact.DISPUTE_URL)));
        break;
      case R.id.wifi:
        opened(Phone.chooseWifi(this));
        break;
      case R.id.check:
        Screens.actions().checkNow();
        say(getString(R.string.checking));
        break;
      case R.id.code:
        show(PageState.CODE);
        break;
      case R.id.pass:
        show(PageState.PASS);
        break;
      case R.id.dispute:
        show(PageState.DISPUTE);
        break;
      case R.id.log:
        show(PageState.LOG);
        break;
      case R.id.rules:
        show(PageState.RULES);
        break;
      case R.id.back:
        show(PageState.MAIN);
        break;
      case R.id.code_send:
        Screens.actions().enterCode(typed(), new Said(R.string.code_accepted));
        break;
      case R.id.pass_confirm:
        Screens.actions().takePass(new Said(R.string.pass_accepted));
        break;
      case R.id.dispute_confirm:
        Screens.actions().openDispute(new Said(R.string.dispute_accepted));
        break;
      case R.id.export:
        export();
        break;
      default:
        break;
    }
  }

  private void opened(boolean done) {
    if (!done) {
      say(getString(R.string.nothing_opens));
    }
  }

  /** Into the cache that a cable reaches, if the phone gives one: before the first unlock there is only its own. */
  private void export() {
    File reachable = getExternalCacheDir();
    final File file = new File(reachable == null ? getCacheDir() : reachable, "holdfast-record.bin");
    Screens.actions()
        .exportRecord(
            file,
            new BorrowerActions.Answer() {
              @Override
              public void answered(boolean accepted, String code) {
                say(accepted ? getString(R.string.record_exported, file.getPath()) : getString(Words.refusal(code)));
              }
            });
  }

  private void say(String what) {
    answer = what;
    render(typed());
    Pages.reveal(shown);
  }

  /** An answer that is read on the first page if the person is done, and on the page that asked if not. */
  private final class Said implements BorrowerActions.Answer {
    private final int done;

    Said(int done) {
      this.done = done;
    }

    @Override
    public void answered(boolean accepted, String code) {
      if (isDestroyed()) {
        return;
      }
      if (accepted) {
        page = PageState.MAIN;
      }
      say(getString(accepted ? done : Words.refusal(code)));
    }
  }
}
