package io.hearth.launcher.output;

import java.util.Locale;

/** Percentages with one decimal, rounded down: 100.0% is said of nothing that is not whole. */
public final class Percentage {
    private Percentage() {}

    /** @param value 0 to 100 */
    public static double floor(double value) {
        return Math.floor(value * 10) / 10;
    }

    static String of(double value) {
        return String.format(Locale.ROOT, "%.1f%%", floor(value));
    }
}
