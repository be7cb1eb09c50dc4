package dev.holdfast.agent.screens;

import android.content.Context;
import android.content.res.Configuration;
import android.graphics.Bitmap;
import android.graphics.Canvas;
import android.view.ContextThemeWrapper;
import android.view.View;
import android.view.ViewGroup;
import dev.holdfast.agent.R;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import org.robolectric.RuntimeEnvironment;

/** A small phone's screen without a phone: 320 x 533 at one pixel a dp. */
final class Canvases {
  static final List<String> LANGUAGES = List.of("en", "es", "pt-BR", "hi", "id", "sw");
  static final int WIDTH = 320;
  static final int HEIGHT = 533;

  private static final View.OnClickListener NOTHING = pressed -> {};

  private Canvases() {}

  static Kit kit(String language, float fontScale, boolean night) {
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    android.icu.util.TimeZone.setDefault(android.icu.util.TimeZone.getTimeZone("UTC"));
    Context application = RuntimeEnvironment.getApplication();
    Configuration changed = new Configuration(application.getResources().getConfiguration());
    changed.setLocale(Locale.forLanguageTag(language));
    changed.fontScale = fontScale;
    changed.densityDpi = 160;
    changed.screenWidthDp = WIDTH;
    changed.screenHeightDp = HEIGHT;
    changed.uiMode = Configuration.UI_MODE_TYPE_NORMAL | (night ? Configuration.UI_MODE_NIGHT_YES : Configuration.UI_MODE_NIGHT_NO);
    return new Kit(new ContextThemeWrapper(application.createConfigurationContext(changed), R.style.Screens), NOTHING);
  }

  /** As the small phone shows it. */
  static View onPhone(View page) {
    return laidOut(page, HEIGHT);
  }

  /** A page that is laid out on the phone, as tall as it takes to see all of it. */
  static View unrolled(View page) {
    int content = ((ViewGroup) page.findViewById(R.id.scroll)).getChildAt(0).getHeight();
    int bar = HEIGHT - page.findViewById(R.id.scroll).getHeight();
    return laidOut(page, Math.max(HEIGHT, content + bar));
  }

  private static View laidOut(View page, int height) {
    page.setLayoutDirection(page.getContext().getResources().getConfiguration().getLayoutDirection());
    int exactly = View.MeasureSpec.EXACTLY;
    page.measure(View.MeasureSpec.makeMeasureSpec(WIDTH, exactly), View.MeasureSpec.makeMeasureSpec(height, exactly));
    page.layout(0, 0, WIDTH, height);
    return page;
  }

  /** 0xAARRGGBB, row by row. */
  static int[] pixels(View laidOut) {
    Bitmap bitmap = Bitmap.createBitmap(laidOut.getWidth(), laidOut.getHeight(), Bitmap.Config.ARGB_8888);
    laidOut.draw(new Canvas(bitmap));
    int[] pixels = new int[bitmap.getWidth() * bitmap.getHeight()];
    bitmap.getPixels(pixels, 0, bitmap.getWidth(), 0, 0, bitmap.getWidth(), bitmap.getHeight());
    bitmap.recycle();
    return pixels;
  }

  /** Every view of a page that is not gone, parents first. */
  static List<View> views(View page) {
    List<View> found = new ArrayList<>();
    if (page.getVisibility() != View.VISIBLE) {
      return found;
    }
    found.add(page);
    if (page instanceof ViewGroup group) {
      for (int index = 0; index < group.getChildCount(); index++) {
        found.addAll(views(group.getChildAt(index)));
      }
    }
    return found;
  }
}
