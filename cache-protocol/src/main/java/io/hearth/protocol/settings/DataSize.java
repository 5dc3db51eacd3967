package io.hearth.protocol.settings;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, written {@code 512MiB}, {@code 1.5GiB}, {@code 2Gi}, {@code 10GB} or {@code 4096}. */
public record DataSize(long bytes) implements Comparable<DataSize> {
    private static final Pattern FORM = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([A-Za-z]*)");
    private static final Map<String, Long> UNITS = Map.ofEntries(
            Map.entry("", 1L),
            Map.entry("b", 1L),
            Map.entry("kb", 1_000L),
            Map.entry("mb", 1_000_000L),
            Map.entry("gb", 1_000_000_000L),
            Map.entry("tb", 1_000_000_000_000L),
            Map.entry("ki", 1L << 10),
            Map.entry("kib", 1L << 10),
            Map.entry("mi", 1L << 20),
            Map.entry("mib", 1L << 20),
            Map.entry("gi", 1L << 30),
            Map.entry("gib", 1L << 30),
            Map.entry("ti", 1L << 40),
            Map.entry("tib", 1L << 40));
    private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    /** @throws HearthException {@link FailureKind#INVALID} for anything but a size below 8 EiB */
    public static DataSize parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        Long unit = form.matches() ? UNITS.get(form.group(2).toLowerCase(Locale.ROOT)) : null;
        if (unit == null) {
            throw new HearthException(FailureKind.INVALID, "'" + text + "' is no size: write 512MiB, 10GiB or 4096");
        }
        double bytes = Double.parseDouble(form.group(1)) * unit;
        if (bytes >= Long.MAX_VALUE) {
            throw new HearthException(FailureKind.INVALID, "'" + text + "' is too large a size");
        }
        return new DataSize(form.group(1).contains(".") ? (long) bytes : Long.parseLong(form.group(1)) * unit);
    }

    /** The size for people, with binary units and at most two decimals: {@code 1.16GiB}, {@code 512MiB}, {@code 0B}. */
    public static String format(long bytes) {
        double value = bytes;
        int unit = 0;
        while (Math.abs(value) >= 1024 && unit < BINARY.length - 1) {
            value /= 1024;
            unit++;
        }
        String number = String.format(Locale.ROOT, "%.2f", value);
        return (number.indexOf(".") < 0 ? number : number.replaceAll("\\.?0+$", "")) + BINARY[unit];
    }

    @Override
    public int compareTo(DataSize other) {
        return Long.compare(bytes, other.bytes);
    }

    @Override
    public String toString() {
        return format(bytes);
    }
}
