package io.hearth.launcher.quickstart;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Says which files two readings got wrong. */
final class Mismatch {
    private static final int NAMED_MAX = 5;

    private Mismatch() {}

    static String describe(Map<String, String> expected, Map<String, String> cold, Map<String, String> warm) {
        Set<String> paths = new TreeSet<>(expected.keySet());
        paths.addAll(cold.keySet());
        paths.addAll(warm.keySet());
        List<String> wrong = new ArrayList<>();
        for (String path : paths) {
            String want = expected.getOrDefault(path, "nothing");
            boolean coldWrong = !want.equals(cold.getOrDefault(path, "nothing"));
            boolean warmWrong = !want.equals(warm.getOrDefault(path, "nothing"));
            if (coldWrong || warmWrong) {
                wrong.add(path + (coldWrong && warmWrong ? " (cold and warm)" : coldWrong ? " (cold)" : " (warm)"));
            }
        }
        String more = wrong.size() > NAMED_MAX ? " and " + (wrong.size() - NAMED_MAX) + " more" : "";
        return String.join(", ", wrong.subList(0, Math.min(NAMED_MAX, wrong.size()))) + more;
    }
}
