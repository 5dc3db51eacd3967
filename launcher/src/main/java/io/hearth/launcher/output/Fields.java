package io.hearth.launcher.output;

/** Named values one below the other, as {@code kubectl describe} prints them. Not thread-safe. */
final class Fields {
    private final StringBuilder text = new StringBuilder();

    Fields add(String name, String value) {
        text.append(String.format("%-16s%s%n", name + ":", value));
        return this;
    }

    Fields add(String name, long value) {
        return add(name, Long.toString(value));
    }

    /** An indented line that belongs to the field before. */
    Fields below(String line) {
        text.append("  ").append(line).append('\n');
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
