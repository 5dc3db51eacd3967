package io.hearth.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchMainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void withoutANameItListsTheBenches() {
        assertEquals(0, run());
        for (Bench bench : Benches.all()) {
            assertTrue(text(out).contains(bench.name()), text(out));
        }
    }

    @Test
    void anUnknownNameIsOneLineAndWrongUsage() {
        assertEquals(2, run("no-such-bench", "--quick"));
        assertEquals(1, text(err).lines().count(), text(err));
        assertTrue(text(err).contains("no-such-bench"), text(err));
        assertEquals("", text(out));
    }

    @Test
    void anUnknownOptionIsWrongUsage() {
        assertEquals(2, run("origin-open", "--fast"));
        assertTrue(text(err).contains("--fast"), text(err));
    }

    @Test
    void namesAreUniqueAndOneWord() {
        List<String> names = Benches.all().stream().map(Bench::name).toList();
        assertEquals(names.size(), names.stream().distinct().count(), names::toString);
        assertTrue(names.stream().allMatch(name -> name.matches("[a-z][a-z0-9-]*")), names::toString);
    }

    @Test
    void aFullRunMeasuresThePeersToo() {
        assertTrue(new BenchOptions(false, false).peers());
        assertEquals("quick", new BenchOptions(true, false).choose("full", "quick"));
    }

    private int run(String... arguments) {
        return BenchMain.run(List.of(arguments), Path.of("."), false, stream(out), stream(err));
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
