package dev.holdfast.agent.screens;

import android.content.Context;
import android.icu.math.BigDecimal;
import android.icu.text.DateFormat;
import android.icu.text.MeasureFormat;
import android.icu.text.NumberFormat;
import android.icu.util.Currency;
import android.icu.util.Measure;
import android.icu.util.MeasureUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Money, dates and times in the borrower's language. Formats are slow to make and kept: one Figures serves all pages of an activity. */
final class Figures {
  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  /**
   * ISO 4217's minor units where they are not hundredths. From the standard and not from the phone: ICU's figures are how a currency is
   * usually shown and differ by Android version (IDR and COP had none once), and an amount would be a hundred times too high.
   */
  private static final List<String> WITHOUT_MINOR_UNIT =
      Arrays.asList("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" "));

  private static final List<String> IN_THOUSANDTHS = Arrays.asList("BHD IQD JOD KWD LYD OMR TND".split(" "));

  private final Context context;
  private final Locale locale;
  private final Map<String, DateFormat> dates = new HashMap<String, DateFormat>();
  private final Map<String, NumberFormat> currencies = new HashMap<String, NumberFormat>();
  private MeasureFormat times;

  Figures(Context context) {
    this.context = context;
    this.locale = context.getResources().getConfiguration().getLocales().get(0);
  }

  String money(String currency, long minor) {
    int digits = WITHOUT_MINOR_UNIT.contains(currency) ? 0 : IN_THOUSANDTHS.contains(currency) ? 3 : 2;
    BigDecimal amount = BigDecimal.valueOf(minor, digits);
    try {
      NumberFormat format = currencies.get(currency);
      if (format == null) {
        format = NumberFormat.getCurrencyInstance(locale);
        format.setCurrency(Currency.getInstance(currency));
        currencies.put(currency, format);
      }
      boolean whole = amount.compareTo(amount.setScale(0, BigDecimal.ROUND_DOWN)) == 0;
      // Whole amounts as the language has it, others to the last cent: never rounded.
      format.setMaximumFractionDigits(digits);
      format.setMinimumFractionDigits(whole ? 0 : digits);
      return format.format(amount);
    } catch (RuntimeException noSuchCurrency) {
      return currency + " " + amount;
    }
  }

  String date(long unixSeconds) {
    return format(DateFormat.YEAR_MONTH_DAY, unixSeconds * 1000);
  }

  String dateAndTime(long unixMs) {
    boolean in24 = android.text.format.DateFormat.is24HourFormat(context);
    return format(DateFormat.YEAR_MONTH_DAY + (in24 ? DateFormat.HOUR24_MINUTE : DateFormat.HOUR_MINUTE), unixMs);
  }

  private String format(String skeleton, long unixMs) {
    DateFormat format = dates.get(skeleton);
    if (format == null) {
      format = DateFormat.getInstanceForSkeleton(skeleton, locale);
      dates.put(skeleton, format);
    }
    return format.format(new Date(unixMs));
  }

  /** In its two biggest units, rounded up to minutes: "2 days, 4 hours", "5 minutes". */
  String time(long seconds) {
    long minutes = (seconds + MINUTE - 1) / MINUTE;
    long days = minutes * MINUTE / DAY;
    long hours = minutes * MINUTE % DAY / HOUR;
    List<Measure> parts = new ArrayList<Measure>();
    if (days > 0) {
      parts.add(new Measure(days, MeasureUnit.DAY));
    }
    if (hours > 0) {
      parts.add(new Measure(hours, MeasureUnit.HOUR));
    }
    if (days == 0 && (minutes % 60 > 0 || hours == 0)) {
      parts.add(new Measure(minutes % 60, MeasureUnit.MINUTE));
    }
    if (times == null) {
      times = MeasureFormat.getInstance(locale, MeasureFormat.FormatWidth.WIDE);
    }
    return times.formatMeasures(parts.toArray(new Measure[0]));
  }
}
