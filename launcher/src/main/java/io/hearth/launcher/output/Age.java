package io.hearth.launcher.output;

import java.time.Duration;
import java.time.Instant;

/** Ages as {@code kubectl} prints them: the largest one or two units. */
public final class Age {
    private Age() {}

    public static String of(String isoInstant, Instant now) {
        return format(Duration.between(Instant.parse(isoInstant), now));
    }

    static String format(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        if (seconds < 7200) {
            return seconds / 60 + "m" + (seconds < 600 ? seconds % 60 + "s" : "");
        }
        if (seconds < 172_800) {
            return seconds / 3600 + "h" + (seconds < 36_000 ? seconds % 3600 / 60 + "m" : "");
        }
        return seconds / 86_400 + "d";
    }
}
