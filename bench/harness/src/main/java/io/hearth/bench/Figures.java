package io.hearth.bench;

import io.hearth.protocol.api.Json;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Where figures go: a JSON object a line as they come, or one table at the end. */
final class Figures {
    private static final String ROW = "%-14s %-16s %-12s %-20s %18s %s%n";

    private final PrintStream out;
    private final boolean table;
    private final List<Figure> kept = new ArrayList<>();

    Figures(PrintStream out, boolean table) {
        this.out = out;
        this.table = table;
    }

    void add(Figure figure) {
        if (table) {
            kept.add(figure);
        } else {
            out.println(new String(Json.write(figure), StandardCharsets.UTF_8));
            out.flush();
        }
    }

    /** Prints the table, where there is to be one. */
    void end() {
        if (kept.isEmpty()) {
            return;
        }
        out.printf(Locale.ROOT, ROW, "BENCH", "CASE", "SYSTEM", "METRIC", "VALUE", "UNIT");
        for (Figure figure : kept) {
            String value = String.format(Locale.ROOT, figure.value() >= 1000 ? "%,.0f" : "%.4f", figure.value());
            out.printf(
                    Locale.ROOT,
                    ROW,
                    figure.bench(),
                    figure.caseName(),
                    figure.system(),
                    figure.metric(),
                    value,
                    figure.unit());
        }
        out.flush();
    }
}
