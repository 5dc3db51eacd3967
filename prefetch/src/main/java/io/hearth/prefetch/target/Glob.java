package io.hearth.prefetch.target;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * A glob over the paths of a tree: {@code *} and {@code ?} within a name, {@code **} as a whole name for any number of
 * folders, {@code [a-z]} and {@code [!a-z]}, {@code {a,b}}, and a backslash before a character that means itself. One
 * that matches a folder matches all below it. Immutable; the time to match grows with the product of the two lengths
 * alone, whatever the pattern ({@link java.util.regex.Pattern} would take exponential time for some).
 */
final class Glob {
    private static final int ALTERNATIVES_MAX = 64;

    private final List<List<GlobName>> alternatives;

    private Glob(List<List<GlobName>> alternatives) {
        this.alternatives = alternatives;
    }

    /** Whether the text holds a character that means something in a glob. */
    static boolean looksLikeOne(String text) {
        return text.chars().anyMatch(c -> c == '*' || c == '?' || c == '[' || c == '{');
    }

    /**
     * @param pattern without slashes at its ends
     * @throws HearthException {@code INVALID} for a bracket or brace without its end, or too many alternatives
     */
    static Glob of(String pattern) {
        List<List<GlobName>> alternatives = new ArrayList<>();
        for (String alternative : expand(pattern)) {
            alternatives.add(Arrays.stream(alternative.split("/+"))
                    .filter(name -> !name.isEmpty()) // Of an alternative with slashes at its ends: {/a,/b}.
                    .map(name -> GlobName.of(pattern, name))
                    .toList());
        }
        return new Glob(List.copyOf(alternatives));
    }

    /** Whether the path, or a folder above it, matches. */
    boolean matches(String path) {
        String[] names = path.split("/");
        return alternatives.stream().anyMatch(alternative -> matches(alternative, names));
    }

    /** Walks the names once with the set of places in the pattern that they may have reached. */
    private static boolean matches(List<GlobName> pattern, String[] names) {
        BitSet reached = new BitSet(pattern.size() + 1);
        reach(pattern, reached, 0);
        for (String name : names) {
            BitSet next = new BitSet(pattern.size() + 1);
            // The end is reached before the first name where nothing but two stars is asked for; a path has one at
            // least.
            reached.clear(pattern.size());
            for (int at = reached.nextSetBit(0); at >= 0; at = reached.nextSetBit(at + 1)) {
                if (pattern.get(at).deep()) {
                    reach(pattern, next, at);
                } else if (pattern.get(at).matches(name)) {
                    reach(pattern, next, at + 1);
                }
            }
            if (next.get(pattern.size())) {
                return true;
            }
            reached = next;
        }
        return false;
    }

    /** Two stars may also stand for no folder at all. */
    private static void reach(List<GlobName> pattern, BitSet reached, int at) {
        int place = at;
        reached.set(place);
        while (place < pattern.size() && pattern.get(place).deep()) {
            reached.set(++place);
        }
    }

    private static List<String> expand(String pattern) {
        List<String> open = new ArrayList<>(List.of(pattern));
        List<String> done = new ArrayList<>();
        while (!open.isEmpty()) {
            String next = open.remove(open.size() - 1);
            int brace = find(next, 0, '{');
            if (brace < 0) {
                done.add(next);
            } else {
                open.addAll(alternatives(pattern, next, brace));
            }
            if (open.size() + done.size() > ALTERNATIVES_MAX) {
                throw invalid(pattern, "has more than " + ALTERNATIVES_MAX + " alternatives");
            }
        }
        return done;
    }

    /** The texts that come of the first pair of braces. */
    private static List<String> alternatives(String pattern, String text, int brace) {
        List<String> texts = new ArrayList<>();
        int depth = 0;
        int from = brace + 1;
        for (int i = brace; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0) {
                texts.add(text.substring(from, i));
                String rest = text.substring(i + 1);
                return texts.stream()
                        .map(one -> text.substring(0, brace) + one + rest)
                        .toList();
            } else if (c == ',' && depth == 1) {
                texts.add(text.substring(from, i));
                from = i + 1;
            }
        }
        throw invalid(pattern, "has a { without its }");
    }

    /** The place of a character that is neither escaped nor in brackets; -1 if there is none. */
    private static int find(String text, int from, char wanted) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == wanted) {
                return i;
            } else if (c == '[') {
                int end = GlobName.bracketEnd(text, i);
                i = end < 0 ? i : end;
            }
        }
        return -1;
    }

    static HearthException invalid(String pattern, String fault) {
        return new HearthException(
                FailureKind.INVALID,
                "the glob '" + pattern + "' " + fault + ": put a backslash before a character that means itself");
    }
}
