package dev.holdfast.agent.screens;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertTrue;

import android.view.View;
import dev.holdfast.agent.R;
import java.awt.image.BufferedImage;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.annotation.Config;
import org.robolectric.annotation.GraphicsMode;

/**
 * Every page in every language, at both font sizes, by day and by night, really drawn for a small phone. One sheet a language is kept
 * in goldens/; -Dholdfast.goldens=write makes them anew.
 */
@RunWith(RobolectricTestRunner.class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = 35)
public final class ScreensDrawnTest {
  private static final File GOLDENS = new File("goldens");

  /** Pictures to look at: sheets that changed, and with goldens written anew, pages in their whole length. */
  private static final File LOOK = new File("../../../../agent/hosts/android/build/screens");

  /** Forty points of a sheet: one changed letter shows in all four rows. */
  private static final double TOLERATED = 0.00001;

  private static final boolean WRITE = "write".equals(System.getProperty("holdfast.goldens"));

  @Test
  public void looksAsItDidInEveryLanguage() throws Exception {
    List<String> faults = new ArrayList<>();
    List<String> changed = new ArrayList<>();
    for (String language : Canvases.LANGUAGES) {
      ContactSheet sheet = new ContactSheet(Samples.values().length, palette());
      ContactSheet unrolled = new ContactSheet(Samples.values().length, palette());
      for (float fontScale : new float[] {1, 2}) {
        for (boolean night : new boolean[] {false, true}) {
          Kit kit = Canvases.kit(language, fontScale, night);
          for (Samples sample : Samples.values()) {
            String name = language + " " + fontScale + (night ? " night " : " day ") + sample + ": ";
            View page = sample.draw(kit);
            onSmallPhone(page, name, faults);
            sheet.add(Canvases.pixels(page));
            Canvases.unrolled(page);
            for (String fault : PageFaults.of(page)) {
              faults.add(name + fault);
            }
            if (WRITE && !night) {
              unrolled.add(Canvases.pixels(page));
            }
          }
        }
      }
      BufferedImage drawn = sheet.picture();
      File golden = new File(GOLDENS, language + ".png");
      if (WRITE) {
        ContactSheet.write(drawn, golden);
        ContactSheet.write(unrolled.picture(), new File(LOOK, language + "-unrolled.png"));
      } else if (!golden.exists() || ContactSheet.difference(ImageIO.read(golden), drawn) > TOLERATED) {
        ContactSheet.write(drawn, new File(LOOK, language + ".png"));
        changed.add(language);
      }
    }
    assertEquals("", String.join("\n", faults));
    assertEquals("sheets that changed; see agent/hosts/android/build/screens", List.of(), changed);
  }

  /** Before Android 14 the big font made everything twice as large, headings too. */
  @Test
  @Config(sdk = 31)
  public void nothingIsCutWhereTheBigFontIsBiggest() {
    List<String> faults = new ArrayList<>();
    for (String language : Canvases.LANGUAGES) {
      Kit kit = Canvases.kit(language, 2, false);
      for (Samples sample : Samples.values()) {
        View page = sample.draw(kit);
        onSmallPhone(page, language + " " + sample + ": ", faults);
        Canvases.unrolled(page);
        for (String fault : PageFaults.of(page)) {
          faults.add(language + " " + sample + ": " + fault);
        }
      }
    }
    assertEquals("", String.join("\n", faults));
  }

  /** The call for help is in sight whatever is scrolled, and leaves most of the screen to the page. */
  private static void onSmallPhone(View page, String name, List<String> faults) {
    Canvases.onPhone(page);
    View emergency = page.findViewById(R.id.emergency);
    assertNotNull(name, emergency);
    View bar = (View) emergency.getParent();
    if (bar.getBottom() > Canvases.HEIGHT || emergency.getHeight() < Kit.TOUCH_DP) {
      faults.add(name + "the emergency call is not in sight");
    }
    if (bar.getHeight() > Canvases.HEIGHT / 3) {
      faults.add(name + "the emergency call takes the page's place: " + bar.getHeight());
    }
  }

  private static int[] palette() {
    int[] ids = {
      R.color.page, R.color.card, R.color.line, R.color.warning, R.color.bar, R.color.ink, R.color.ink_soft, R.color.accent,
      R.color.on_accent, R.color.emergency, R.color.on_emergency
    };
    List<Integer> colors = new ArrayList<>();
    for (boolean night : new boolean[] {false, true}) {
      Kit kit = Canvases.kit("en", 1, night);
      for (int id : ids) {
        colors.add(kit.color(id));
      }
      colors.add(half(kit.color(R.color.ink), kit.color(R.color.card)));
      colors.add(half(kit.color(R.color.accent), kit.color(R.color.on_accent)));
      colors.add(half(kit.color(R.color.emergency), kit.color(R.color.on_emergency)));
    }
    return colors.stream().distinct().limit(32).mapToInt(Integer::intValue).toArray();
  }

  private static int half(int one, int other) {
    return ((one >> 1) & 0x7f7f7f) + ((other >> 1) & 0x7f7f7f) | 0xff000000;
  }

  @Test
  public void contrastIsMeasuredAsTheWebDoes() {
    assertEquals(21, PageFaults.contrast(0xff000000, 0xffffffff), 0.001);
    assertTrue(PageFaults.contrast(0xff777777, 0xffffffff) < 4.5);
  }
}
