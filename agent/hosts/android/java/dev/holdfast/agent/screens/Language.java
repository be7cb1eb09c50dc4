package dev.holdfast.agent.screens;

import android.content.Context;
import android.content.res.Configuration;
import android.os.LocaleList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Which language the screens are in: the first of the phone's own that we have words for, else the first of the contract's, else
 * English. Somebody who was handed a phone in a language that is not theirs still reads why it is locked.
 */
public final class Language {
  /** Android knows Indonesian by its old code as well. */
  private static final List<String> SPOKEN = Arrays.asList("en", "es", "pt", "hi", "id", "in", "sw");

  private Language() {}

  /** The context in that language; the one given if it is so already. */
  public static Context in(Context base, List<String> contractLanguages) {
    LocaleList own = base.getResources().getConfiguration().getLocales();
    Locale chosen = choose(own, contractLanguages);
    if (own.size() > 0 && chosen.equals(own.get(0)) && !"pt".equals(chosen.getLanguage())) {
      return base;
    }
    Configuration changed = new Configuration(base.getResources().getConfiguration());
    changed.setLocale(chosen);
    return base.createConfigurationContext(changed);
  }

  static Locale choose(LocaleList own, List<String> contractLanguages) {
    for (int index = 0; index < own.size(); index++) {
      if (SPOKEN.contains(own.get(index).getLanguage())) {
        return inOurPortuguese(own.get(index));
      }
    }
    for (String tag : contractLanguages) {
      Locale locale = Locale.forLanguageTag(tag);
      if (SPOKEN.contains(locale.getLanguage())) {
        return inOurPortuguese(locale);
      }
    }
    return Locale.ENGLISH;
  }

  /** Brazil's is the only Portuguese that we have. */
  private static Locale inOurPortuguese(Locale locale) {
    return "pt".equals(locale.getLanguage()) ? new Locale("pt", "BR") : locale;
  }
}
