package io.hearth.prefetch.target;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource(delimiter = ' ', textBlock = """
                    *.bin a.bin true
                    *.bin d/a.bin false
                    **/*.bin a.bin true
                    **/*.bin d/e/a.bin true
                    d/** d/e/a.bin true
                    d/** e/a.bin false
                    d/**/a.bin d/a.bin true
                    d/**/a.bin d/x/y/a.bin true
                    d/* d/e/a.bin true
                    model-0000?-of-*.safetensors model-00001-of-00004.safetensors true
                    {a,b}.txt b.txt true
                    {a,b}.txt c.txt false
                    {x/y,z}/*.t x/y/1.t true
                    {a,{b,c}d}.t cd.t true
                    [a-c]1 b1 true
                    [!a-c]1 b1 false
                    [!a-c]1 d1 true
                    []x]1 ]1 true
                    a\\*b a*b true
                    a\\*b axb false
                    größ? größe true
                    ? 😀 true
                    a a/b/c true
                    a ab false
                    ** a true
                    ** a/b/c true
                    **/**/** a true
                    **/**/** a/b true
                    {**,a} b true
                    {/a,/b/} b true
                    {,} a false
                    """)
    void matches(String glob, String path, boolean expected) {
        assertEquals(expected, Glob.of(glob).matches(path), glob + " on " + path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a[b", "{a,b", "x/{a,{b}", "[a/b]"})
    void oneWithoutItsEndIsRefusedAndNamed(String glob) {
        HearthException refused = assertThrows(HearthException.class, () -> Glob.of(glob));
        assertEquals(FailureKind.INVALID, refused.kind());
        assertTrue(refused.getMessage().contains("'" + glob + "'"), refused.getMessage());
    }

    @Test
    void tooManyAlternativesAreRefused() {
        assertThrows(HearthException.class, () -> Glob.of("{a,b}".repeat(7)));
        assertTrue(Glob.of("{a,b}".repeat(6)).matches("ababab"));
    }

    @Test
    void noPatternTakesLong() {
        Glob glob = Glob.of("*a".repeat(1000) + "b");
        Glob deep = Glob.of("**/a/".repeat(300) + "b");
        assertTimeout(Duration.ofSeconds(10), () -> {
            assertFalse(glob.matches("a".repeat(4000)));
            assertFalse(deep.matches("a/".repeat(2000) + "c"));
        });
    }

    /** Against the JDK's globs, which know no folders above: whole paths, names without separators in braces. */
    @Test
    void randomPatternsMeanWhatTheyMeanToTheJdk() {
        long seed = Long.getLong("hearth.test.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        String[] pieces = {"a", "b", "ab", "*", "?", "[ab]", "[!a]", "{a,b}", "{ab,*b}", "/", "/"};
        int compared = 0;
        int hits = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder pattern = new StringBuilder();
            for (int n = random.nextInt(1, 6); n > 0; n--) {
                pattern.append(pieces[random.nextInt(pieces.length)]);
            }
            String glob = pattern.toString()
                    .replaceAll("/+", "/")
                    .replaceAll("^/|/$", "")
                    .replaceAll("\\*+", "*");
            if (glob.isEmpty()) {
                continue;
            }
            StringBuilder path = new StringBuilder();
            for (int n = random.nextInt(1, 5); n > 0; n--) {
                path.append("ab/".charAt(random.nextInt(3)));
            }
            String file = path.toString().replaceAll("/+", "/").replaceAll("^/|/$", "");
            if (file.isEmpty()) {
                continue;
            }
            boolean expected = false;
            try {
                PathMatcher jdk = FileSystems.getDefault().getPathMatcher("glob:" + glob);
                for (Path above = Path.of(file); above != null; above = above.getParent()) {
                    expected |= jdk.matches(above);
                }
            } catch (PatternSyntaxException e) {
                continue; // The JDK has no groups in groups.
            }
            assertEquals(expected, Glob.of(glob).matches(file), glob + " on " + file + ", seed " + seed);
            compared++;
            hits += expected ? 1 : 0;
        }
        assertTrue(compared > 5000 && hits > 500, compared + " compared, " + hits + " hits");
    }
}
