package io.hearth.jmh.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TraceTableTest {
    private static final int ACCESSES = 4000;

    @Test
    void aSeedGivesOneTable() {
        List<String> table = table(5);
        assertEquals(table, table(5));
        assertNotEquals(table, table(6));
        assertTrue(table.get(0).contains("seed 5, 4000 accesses"), table.get(0));
    }

    @Test
    void noPolicyBeatsTheBoundWhereSizesAreAlike() {
        List<String> rows =
                table(7).stream().filter(row -> row.startsWith("| scan")).toList();
        assertEquals(4, rows.size());
        for (String row : rows) {
            String[] cells = row.split("\\|");
            double bound = ofRequests(cells[6]);
            assertTrue(bound + 1 >= ofRequests(cells[4]) && bound + 1 >= ofRequests(cells[5]), row);
        }
    }

    private static double ofRequests(String cell) {
        return Double.parseDouble(cell.trim().split(" ")[0]);
    }

    private static List<String> table(long seed) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new TraceTable(new PrintStream(bytes, true, StandardCharsets.UTF_8)).print(seed, ACCESSES);
        return Arrays.asList(bytes.toString(StandardCharsets.UTF_8).split(System.lineSeparator()));
    }
}
