package io.hearth.worker.lend;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers by name: {@code MemAvailable:   123 kB} of {@code /proc/meminfo}, {@code oom 0} of a cgroup's files. */
final class StatusFields {
    private StatusFields() {}

    /** The number that follows the name at the start of a line; kB are made bytes. */
    static OptionalLong value(String text, String name) {
        Matcher line = Pattern.compile("(?m)^" + Pattern.quote(name) + ":?\\s+([0-9]{1,15})( kB)?\\s*$")
                .matcher(text);
        if (!line.find()) {
            return OptionalLong.empty();
        }
        long number = Long.parseLong(line.group(1));
        return OptionalLong.of(line.group(2) == null ? number : number << 10);
    }

    /** A file of one number; {@code max} is the largest. */
    static OptionalLong number(String text) {
        String stripped = text.strip();
        if (stripped.equals("max")) {
            return OptionalLong.of(Long.MAX_VALUE);
        }
        return stripped.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(stripped)) : OptionalLong.empty();
    }
}
