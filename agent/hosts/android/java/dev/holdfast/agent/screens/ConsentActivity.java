package dev.holdfast.agent.screens;

import android.app.Activity;
import android.content.Context;
import android.content.Intent;
import android.os.Bundle;
import android.view.View;
import dev.holdfast.agent.R;
import dev.holdfast.agent.wire.Fields;
import dev.holdfast.agent.wire.Message;

/**
 * Shows the terms to the borrower and takes their yes or no (F10). It keeps nothing: whoever started it gets the answer.
 * RESULT_OK with {@link #EXTRA_LANGUAGE}: agreed. {@link #RESULT_REFUSED}: not agreed. RESULT_CANCELED: no answer.
 */
public final class ConsentActivity extends Activity implements View.OnClickListener {
  /** In: bytes of holdfast.v1.Terms. */
  public static final String EXTRA_TERMS = "terms";

  /** Out: BCP 47 tag of the language in which the terms were shown. */
  public static final String EXTRA_LANGUAGE = "language";

  public static final int RESULT_REFUSED = RESULT_FIRST_USER;

  private Message terms = Message.empty();

  public static Intent intent(Context context, byte[] terms) {
    return new Intent(context, ConsentActivity.class).putExtra(EXTRA_TERMS, terms);
  }

  @Override
  protected void onCreate(Bundle saved) {
    super.onCreate(saved);
    terms = read();
    if (!terms.has(Fields.Terms.CONTRACT_ID)) {
      finish();
      return;
    }
    Context spoken = Language.in(this, terms.texts(Fields.Terms.LANGUAGES));
    // The theme comes along with a context that is only in another language.
    spoken.setTheme(R.style.Screens);
    setContentView(ConsentPage.of(new Kit(spoken, this), terms));
    setTitle(spoken.getString(R.string.consent_title));
  }

  private Message read() {
    byte[] given = getIntent().getByteArrayExtra(EXTRA_TERMS);
    try {
      return given == null ? Message.empty() : Message.read(given);
    } catch (IllegalArgumentException noTerms) {
      return Message.empty();
    }
  }

  @Override
  public void onClick(View pressed) {
    switch (pressed.getId()) {
      case R.id.emergency:
        Phone.callEmergency(this);
        break;
      case R.id.support:
        Phone.dial(this, terms.message(Fields.Terms.CONTACT).text(Fields.Contact.SUPPORT_PHONE));
        break;
      case R.id.agree:
        Context spoken = Language.in(this, terms.texts(Fields.Terms.LANGUAGES));
        String language = spoken.getResources().getConfiguration().getLocales().get(0).toLanguageTag();
        setResult(RESULT_OK, new Intent().putExtra(EXTRA_LANGUAGE, language));
        finish();
        break;
      case R.id.disagree:
        setResult(RESULT_REFUSED);
        finish();
        break;
      default:
        break;
    }
  }
}
