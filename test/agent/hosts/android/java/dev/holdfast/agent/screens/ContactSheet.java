package dev.holdfast.agent.screens;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/** Drawn pages side by side in one small picture: half size, 32 colours. */
final class ContactSheet {
  private static final int GAP = 4;
  private static final int SCALE = 2;
  private static final int CELL = Canvases.WIDTH / SCALE;

  private final int columns;
  private final int[] palette;
  private final byte[] nearest = new byte[1 << 15];
  private final List<int[]> cells = new ArrayList<>();
  private final List<Integer> heights = new ArrayList<>();

  /** @param colors at most 32. */
  ContactSheet(int columns, int[] colors) {
    this.columns = columns;
    this.palette = colors;
    for (int color = 0; color < nearest.length; color++) {
      int red = color >> 10 << 3 | 4;
      int green = (color >> 5 & 31) << 3 | 4;
      int blue = (color & 31) << 3 | 4;
      int best = Integer.MAX_VALUE;
      for (int index = 0; index < colors.length; index++) {
        int far = square((colors[index] >> 16 & 255) - red) + square((colors[index] >> 8 & 255) - green) + square((colors[index] & 255) - blue);
        if (far < best) {
          best = far;
          nearest[color] = (byte) index;
        }
      }
    }
  }

  private static int square(int number) {
    return number * number;
  }

  /** Halves a picture of the phone's width and adds it. */
  void add(int[] pixels) {
    int height = pixels.length / Canvases.WIDTH / SCALE;
    int[] small = new int[CELL * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < CELL; x++) {
        int at = y * SCALE * Canvases.WIDTH + x * SCALE;
        small[y * CELL + x] = mean(pixels[at], pixels[at + 1], pixels[at + Canvases.WIDTH], pixels[at + Canvases.WIDTH + 1]);
      }
    }
    cells.add(small);
    heights.add(height);
  }

  private static int mean(int one, int two, int three, int four) {
    int mean = 0;
    for (int shift = 0; shift < 24; shift += 8) {
      int sum = (one >> shift & 255) + (two >> shift & 255) + (three >> shift & 255) + (four >> shift & 255);
      mean |= sum / 4 << shift;
    }
    return mean;
  }

  BufferedImage picture() {
    int rows = (cells.size() + columns - 1) / columns;
    int[] tops = new int[rows + 1];
    for (int row = 0; row < rows; row++) {
      int tallest = 0;
      for (int cell = row * columns; cell < Math.min(cells.size(), (row + 1) * columns); cell++) {
        tallest = Math.max(tallest, heights.get(cell));
      }
      tops[row + 1] = tops[row] + tallest + GAP;
    }
    byte[] red = new byte[palette.length];
    byte[] green = new byte[palette.length];
    byte[] blue = new byte[palette.length];
    for (int index = 0; index < palette.length; index++) {
      red[index] = (byte) (palette[index] >> 16);
      green[index] = (byte) (palette[index] >> 8);
      blue[index] = (byte) palette[index];
    }
    IndexColorModel model = new IndexColorModel(8, palette.length, red, green, blue);
    BufferedImage sheet = new BufferedImage(columns * (CELL + GAP), tops[rows], BufferedImage.TYPE_BYTE_INDEXED, model);
    for (int cell = 0; cell < cells.size(); cell++) {
      int left = cell % columns * (CELL + GAP);
      int top = tops[cell / columns];
      int[] small = cells.get(cell);
      byte[] indexed = new byte[small.length];
      for (int at = 0; at < small.length; at++) {
        indexed[at] = nearest[(small[at] >> 19 & 31) << 10 | (small[at] >> 11 & 31) << 5 | small[at] >> 3 & 31];
      }
      sheet.getRaster().setDataElements(left, top, CELL, heights.get(cell), indexed);
    }
    return sheet;
  }

  /** How much of two pictures is visibly different, from 0 to 1. */
  static double difference(BufferedImage one, BufferedImage other) {
    if (one.getWidth() != other.getWidth() || one.getHeight() != other.getHeight()) {
      return 1;
    }
    long different = 0;
    for (int y = 0; y < one.getHeight(); y++) {
      for (int x = 0; x < one.getWidth(); x++) {
        int a = one.getRGB(x, y);
        int b = other.getRGB(x, y);
        int far = Math.abs((a >> 16 & 255) - (b >> 16 & 255)) + Math.abs((a >> 8 & 255) - (b >> 8 & 255)) + Math.abs((a & 255) - (b & 255));
        different += far > 96 ? 1 : 0;
      }
    }
    return (double) different / one.getWidth() / one.getHeight();
  }

  static void write(BufferedImage picture, File file) throws IOException {
    file.getParentFile().mkdirs();
    ImageIO.write(picture, "png", file);
  }
}
