package io.hearth.prefetch.target;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.hearth.protocol.api.LoadSpec;
import io.hearth.protocol.api.LoadSpec.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TargetsTest {
    @Test
    void theOrderOfTargetsMeansNothing() {
        List<Target> targets = List.of(
                new Target("/b//", Optional.empty()),
                new Target("a", Optional.of(2)),
                new Target("//a/", Optional.of(1)));
        List<Target> reversed = new ArrayList<>(targets);
        Collections.reverse(reversed);
        LoadSpec normal = Targets.normal(spec(targets));
        assertEquals(normal, Targets.normal(spec(reversed)));
        assertEquals(
                List.of("/a", "/a", "/b"),
                normal.targets().stream().map(Target::path).toList());
    }

    @Test
    void slashesInTheMidstOfNamesTakeNoTime() {
        String slashes = "a" + "/".repeat(LoadSpec.PATH_CHARS_MAX - 8) + "a";
        List<Target> most = IntStream.range(0, LoadSpec.TARGETS_MAX)
                .mapToObj(number -> new Target(slashes + number, Optional.empty()))
                .toList();
        assertTimeout(Duration.ofSeconds(2), () -> Targets.normal(spec(most)));
    }

    private static LoadSpec spec(List<Target> targets) {
        return new LoadSpec(targets, Optional.empty(), Optional.empty(), Optional.empty());
    }
}
