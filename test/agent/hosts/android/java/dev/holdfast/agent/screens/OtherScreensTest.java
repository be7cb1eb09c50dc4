package dev.holdfast.agent.screens;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import android.app.Activity;
import android.app.Application;
import android.app.Notification;
import android.app.NotificationChannel;
import android.app.NotificationManager;
import android.content.Context;
import android.content.Intent;
import android.os.LocaleList;
import android.view.View;
import android.widget.TextView;
import dev.holdfast.agent.R;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;
import dev.holdfast.agent.wire.MessageWriter;
import java.util.List;
import java.util.Locale;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.Shadows;
import org.robolectric.annotation.Config;

/** Consent, the screen of last resort, notices, languages and figures. */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = {28, 31, 34, 35})
public final class OtherScreensTest {
  private final Context context = RuntimeEnvironment.getApplication();

  private static byte[] termsBytes() {
    return new MessageWriter().text(Fields.Terms.CONTRACT_ID, "c-1").text(Fields.Terms.LENDER_NAME, "Acme Credit").toBytes();
  }

  private ConsentActivity consent(byte[] terms) {
    return Robolectric.buildActivity(ConsentActivity.class, ConsentActivity.intent(context, terms)).setup().get();
  }

  @Test
  public void consentIsGivenBackWithItsLanguage() {
    ConsentActivity activity = consent(termsBytes());
    activity.findViewById(R.id.agree).performClick();
    assertEquals(Activity.RESULT_OK, Shadows.shadowOf(activity).getResultCode());
    assertEquals("en-US", Shadows.shadowOf(activity).getResultIntent().getStringExtra(ConsentActivity.EXTRA_LANGUAGE));
    assertTrue(activity.isFinishing());
  }

  @Test
  public void refusalIsAnAnswerToo() {
    ConsentActivity activity = consent(termsBytes());
    activity.findViewById(R.id.disagree).performClick();
    assertEquals(ConsentActivity.RESULT_REFUSED, Shadows.shadowOf(activity).getResultCode());
    assertTrue(activity.isFinishing());
  }

  @Test
  public void nobodyAgreesToTermsThatCannotBeRead() {
    ConsentActivity activity = consent(new byte[] {(byte) 0xff});
    assertTrue(activity.isFinishing());
    assertEquals(Activity.RESULT_CANCELED, Shadows.shadowOf(activity).getResultCode());
  }

  @Test
  @Config(sdk = 35)
  public void theTableOnTheScreenOnlyEverGetsStricter() {
    for (PostureTable row : PostureTable.ROWS) {
      for (int column = 1; column < row.cells.length; column++) {
        boolean wasOff = row.cells[column - 1] != PostureTable.OPEN;
        assertFalse("a row that opens again is shown wrongly", wasOff && row.cells[column] == PostureTable.OPEN);
      }
    }
    assertEquals(PostureTable.NEVER, PostureTable.ROWS.get(0).firstRestricted());
  }

  @Test
  public void brokenCallsHelpAndSupportWithoutAnEngine() {
    Intent intent = BrokenActivity.intent(context, "Acme Credit", Samples.SUPPORT_PHONE);
    Activity activity = Robolectric.buildActivity(BrokenActivity.class, intent).setup().get();
    activity.findViewById(R.id.emergency).performClick();
    assertEquals(Phone.EMERGENCY_DIALER, next().getAction());
    activity.findViewById(R.id.support).performClick();
    assertEquals(Intent.ACTION_DIAL, next().getAction());
  }

  @Test
  public void brokenNeedsNothingAtAll() {
    Activity activity = Robolectric.buildActivity(BrokenActivity.class, new Intent()).setup().get();
    assertNull(activity.findViewById(R.id.support));
    assertNotNull(activity.findViewById(R.id.emergency));
  }

  private Intent next() {
    return Shadows.shadowOf((Application) context).getNextStartedActivity();
  }

  @Test
  public void aNoticeIsPostedOnceAndTakenDown() {
    NotificationManager manager = (NotificationManager) context.getSystemService(Context.NOTIFICATION_SERVICE);
    Message notice = Samples.notice(Fields.NoticeKind.NOTICE_KIND_OVERDUE, "");
    assertTrue(NoticePoster.post(context, notice, Samples.GRACE.screen()));
    assertTrue(NoticePoster.post(context, notice, Samples.GRACE.screen()));
    assertEquals(1, Shadows.shadowOf(manager).size());
    Notification posted = Shadows.shadowOf(manager).getAllNotifications().get(0);
    String text = posted.extras.getCharSequence(Notification.EXTRA_TEXT).toString();
    assertTrue(text, text.contains("1,250.50") && text.contains("May 11, 2026"));
    assertEquals(Notification.VISIBILITY_PRIVATE, posted.visibility);
    Intent opens = Shadows.shadowOf(posted.contentIntent).getSavedIntent();
    assertEquals(LockActivity.class.getName(), opens.getComponent().getClassName());
    NoticePoster.keepOnly(context, List.of("notice-2"));
    assertEquals(1, Shadows.shadowOf(manager).size());
    NoticePoster.keepOnly(context, List.of());
    assertEquals(0, Shadows.shadowOf(manager).size());
  }

  @Test
  public void theLendersOwnWordsComeFirst() {
    Message notice = Samples.notice(Fields.NoticeKind.NOTICE_KIND_OVERDUE, "Tafadhali lipa leo.");
    assertEquals("Tafadhali lipa leo.", new Words(context, new Figures(context)).notice(notice, Message.empty()));
  }

  @Test
  public void aNoticeThatNobodyCanSeeWasNotShown() {
    NotificationManager manager = (NotificationManager) context.getSystemService(Context.NOTIFICATION_SERVICE);
    Message notice = Samples.notice(Fields.NoticeKind.NOTICE_KIND_DUE_SOON, "");
    Shadows.shadowOf(manager).setNotificationsEnabled(false);
    assertFalse(NoticePoster.post(context, notice, Samples.UNLOCKED.screen()));
    Shadows.shadowOf(manager).setNotificationsEnabled(true);
    manager.createNotificationChannel(new NotificationChannel(NoticePoster.CHANNEL, "off", NotificationManager.IMPORTANCE_NONE));
    assertFalse(NoticePoster.post(context, notice, Samples.UNLOCKED.screen()));
  }

  @Test
  @Config(sdk = 35)
  public void thePhonesLanguageThenTheContractsThenEnglish() {
    assertEquals("sw", Language.choose(LocaleList.forLanguageTags("sw-KE,en"), List.of("hi")).getLanguage());
    assertEquals("es", Language.choose(LocaleList.forLanguageTags("fr-FR,es-MX"), List.of("hi")).getLanguage());
    assertEquals("hi", Language.choose(LocaleList.forLanguageTags("fr-FR"), List.of("ta", "hi")).getLanguage());
    assertEquals(Locale.ENGLISH, Language.choose(LocaleList.forLanguageTags("fr-FR"), List.of()));
    assertEquals("pt-BR", Language.choose(LocaleList.forLanguageTags("pt-MZ"), List.of()).toLanguageTag());
  }

  @Test
  @Config(sdk = {28, 35})
  public void everyLanguageIsFoundByItsTag() {
    for (String language : Canvases.LANGUAGES) {
      Kit kit = Canvases.kit(language, 1, false);
      boolean isEnglish = "en".equals(language);
      assertEquals(language, isEnglish, "Emergency call".equals(kit.say(R.string.emergency_call)));
    }
  }

  @Test
  @Config(sdk = {28, 35})
  public void moneyIsRightInEveryCurrencysMinorUnit() {
    Figures figures = new Figures(Canvases.kit("en", 1, false).context);
    assertTrue(figures.money("KES", 125_050), figures.money("KES", 125_050).endsWith("1,250.50"));
    assertTrue(figures.money("UGX", 125_050), figures.money("UGX", 125_050).endsWith("125,050"));
    assertTrue(figures.money("IDR", 12_500_000), figures.money("IDR", 12_500_000).endsWith("125,000"));
    assertTrue(figures.money("IDR", 12_500_050), figures.money("IDR", 12_500_050).endsWith("125,000.50"));
    assertTrue(figures.money("KWD", 12_500), figures.money("KWD", 12_500).contains("12.5"));
    assertEquals("no such currency is no crash", "?? 12.50", figures.money("??", 1250));
    Figures hindi = new Figures(Canvases.kit("hi-IN", 1, false).context);
    assertTrue(hindi.money("INR", 12_345_678), hindi.money("INR", 12_345_678).contains("1,23,456.78"));
  }

  @Test
  @Config(sdk = 35)
  public void timesLeftAreRoundedUpAndNeverNothing() {
    Figures figures = new Figures(Canvases.kit("en", 1, false).context);
    assertEquals("1 minute", figures.time(1));
    assertEquals("1 hour, 1 minute", figures.time(3601));
    assertEquals("2 days", figures.time(2 * 86_400));
    assertEquals("0 minutes", figures.time(0));
  }

  @Test
  @Config(sdk = 35)
  public void aNumberIsGroupedForTheEyeAndSpelledForTheEar() {
    assertEquals("1234 5678", CodePage.inFours("12345678"));
    assertEquals("1 2 3 4, 5 6 7 8", CodePage.spelled("12345678"));
  }

  @Test
  @Config(sdk = 35)
  public void rightToLeftIsMirrored() {
    Kit kit = Canvases.kit("ar", 1, false);
    for (Samples sample : Samples.values()) {
      View page = Canvases.onPhone(sample.draw(kit));
      Canvases.unrolled(page);
      assertEquals(View.LAYOUT_DIRECTION_RTL, page.findViewById(R.id.emergency).getLayoutDirection());
      for (View view : Canvases.views(page)) {
        if (view instanceof TextView text && text.getTextAlignment() == View.TEXT_ALIGNMENT_VIEW_START) {
          assertTrue(android.view.Gravity.getAbsoluteGravity(text.getGravity(), View.LAYOUT_DIRECTION_RTL) != 0);
        }
      }
    }
  }
}
