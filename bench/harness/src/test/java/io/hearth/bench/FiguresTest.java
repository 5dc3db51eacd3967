package io.hearth.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FiguresTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void aFigureIsOneJsonObjectOnALine() {
        figures(false).add(new Figure("origin-open", "sequential", "hearth", "bytesPerSecond", 4e8, "B/s"));
        assertEquals(
                "{\"bench\":\"origin-open\",\"case\":\"sequential\",\"system\":\"hearth\","
                        + "\"metric\":\"bytesPerSecond\",\"value\":4.0E8,\"unit\":\"B/s\"}",
                out.toString(StandardCharsets.UTF_8).strip());
    }

    @Test
    void aTableComesAtTheEndWithARowPerFigure() {
        Figures figures = figures(true);
        figures.add(new Figure("b", "c", "hearth", "m", 1.5, "1"));
        assertEquals(0, out.size());
        figures.end();
        assertEquals(2, out.toString(StandardCharsets.UTF_8).lines().count());
    }

    @Test
    void roundsInterleaveTheContendersAndTakeMedians() throws Exception {
        List<String> order = new ArrayList<>();
        Map<String, Rounds.Contender> contenders = new LinkedHashMap<>();
        double[] values = {9, 1, 4};
        contenders.put("a", round -> values[round] + seen(order, "a"));
        contenders.put("b", round -> round + seen(order, "b"));
        assertEquals(Map.of("a", 4.0, "b", 1.0), new Rounds(3).medians(contenders));
        assertEquals(List.of("a", "b", "a", "b", "a", "b"), order);
        assertThrows(IllegalArgumentException.class, () -> new Rounds(2));
    }

    private static double seen(List<String> order, String name) {
        order.add(name);
        return 0;
    }

    private Figures figures(boolean table) {
        return new Figures(new PrintStream(out, true, StandardCharsets.UTF_8), table);
    }
}
