package io.hearth.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Interleaved rounds: every contender once a round, so that what else the machine does falls on all of them; the median
 * of a contender's rounds is its figure.
 *
 * @param count at least one; odd, so that a median is a measurement
 */
public record Rounds(int count) {
    public Rounds {
        if (count < 1 || count % 2 == 0) {
            throw new IllegalArgumentException(count + " rounds: an odd number is needed");
        }
    }

    /** One measurement of a contender. */
    public interface Contender {
        double measure(int round) throws Exception;
    }

    /** The median of each contender, in the order given. */
    public Map<String, Double> medians(Map<String, Contender> contenders) throws Exception {
        Map<String, List<Double>> values = new LinkedHashMap<>();
        for (int round = 0; round < count; round++) {
            for (Map.Entry<String, Contender> contender : contenders.entrySet()) {
                double value = contender.getValue().measure(round);
                values.computeIfAbsent(contender.getKey(), name -> new ArrayList<>())
                        .add(value);
            }
        }
        Map<String, Double> medians = new LinkedHashMap<>();
        values.forEach((name, measured) -> medians.put(name, median(measured)));
        return medians;
    }

    /** As {@link #medians(Map)}, with a line per round for who waits: bytes a second in MB/s. */
    public Map<String, Double> mediansOfRates(BenchRun run, Map<String, Contender> contenders) throws Exception {
        Map<String, Contender> said = new LinkedHashMap<>();
        contenders.forEach((name, contender) -> said.put(name, round -> {
            double value = contender.measure(round);
            run.say(String.format(Locale.ROOT, "round %d: %s %.0f MB/s", round + 1, name, value / 1e6));
            return value;
        }));
        return medians(said);
    }

    /** The middle one, or the mean of the two in the middle. */
    static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
