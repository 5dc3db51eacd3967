package io.hearth.prefetch.target;

import java.util.ArrayList;
import java.util.List;

/** One name of a {@link Glob}, between slashes. */
final class GlobName {
    private static final String DEEP = "**";

    /** Stands for any characters. */
    private static final Token STAR = c -> true;

    /** What one character of a name must be. */
    private interface Token {
        boolean takes(int character);
    }

    private final boolean deep;
    private final List<Token> tokens;

    private GlobName(boolean deep, List<Token> tokens) {
        this.deep = deep;
        this.tokens = tokens;
    }

    static GlobName of(String pattern, String name) {
        List<Token> tokens = new ArrayList<>();
        int i = 0;
        while (i < name.length()) {
            int c = name.codePointAt(i);
            i += Character.charCount(c);
            if (c == '*') {
                tokens.add(STAR);
            } else if (c == '?') {
                tokens.add(any -> true);
            } else if (c == '[') {
                int end = bracketEnd(name, i - 1);
                if (end < 0) {
                    throw Glob.invalid(pattern, "has a [ without its ]");
                }
                tokens.add(oneOf(name.substring(i, end)));
                i = end + 1;
            } else if (c == '\\' && i < name.length()) {
                int escaped = name.codePointAt(i);
                tokens.add(one -> one == escaped);
                i += Character.charCount(escaped);
            } else {
                tokens.add(one -> one == c);
            }
        }
        return new GlobName(name.equals(DEEP), List.copyOf(tokens));
    }

    /** The place of the bracket that ends the one at {@code open}; a first one is itself a member. -1 without one. */
    static int bracketEnd(String text, int open) {
        int first = open + 1 < text.length() && text.charAt(open + 1) == '!' ? open + 2 : open + 1;
        int end = text.indexOf(']', first + 1);
        int slash = text.indexOf('/', open);
        return slash >= 0 && slash < end ? -1 : end;
    }

    private static Token oneOf(String body) {
        boolean negated = body.startsWith("!");
        int[] members = (negated ? body.substring(1) : body).codePoints().toArray();
        return character -> {
            boolean found = false;
            for (int i = 0; i < members.length && !found; i++) {
                if (i + 2 < members.length && members[i + 1] == '-') {
                    found = members[i] <= character && character <= members[i + 2];
                    i += 2;
                } else {
                    found = members[i] == character;
                }
            }
            return found != negated;
        };
    }

    /** Whether this stands for any number of folders. */
    boolean deep() {
        return deep;
    }

    /** Greedy, going back to the last star alone, which is enough and takes at most the product of the lengths. */
    boolean matches(String name) {
        int[] characters = name.codePoints().toArray();
        int at = 0;
        int token = 0;
        int star = -1;
        int starAt = 0;
        while (at < characters.length) {
            if (token < tokens.size() && tokens.get(token) == STAR) {
                star = token++;
                starAt = at;
            } else if (token < tokens.size() && tokens.get(token).takes(characters[at])) {
                token++;
                at++;
            } else if (star >= 0) {
                token = star + 1;
                at = ++starAt;
            } else {
                return false;
            }
        }
        while (token < tokens.size() && tokens.get(token) == STAR) {
            token++;
        }
        return token == tokens.size();
    }
}
