package io.hearth.worker.lend;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The two counters of a pressure file (kernel documentation, "PSI - Pressure Stall Information"): microseconds since
 * boot in which some task, or all of them, waited for the resource. The averages beside them lag behind: avg10 is moved
 * every 2 s.
 */
record Pressure(long someMicros, long fullMicros) {
    private static final Pattern LINE = Pattern.compile("(?m)^(some|full) .*\\btotal=([0-9]{1,18})$");

    /** Of the text of such a file; empty for any other. The whole machine's CPU file may have no line {@code full}. */
    static Optional<Pressure> parse(String text) {
        Optional<Long> some = Optional.empty();
        long full = 0;
        Matcher lines = LINE.matcher(text);
        while (lines.find()) {
            long micros = Long.parseLong(lines.group(2));
            if (lines.group(1).equals("some")) {
                some = Optional.of(micros);
            } else {
                full = micros;
            }
        }
        long fullMicros = full;
        return some.map(micros -> new Pressure(micros, fullMicros));
    }
}
