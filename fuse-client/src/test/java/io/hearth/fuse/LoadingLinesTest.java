package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hearth.protocol.DatasetName;
import io.hearth.testing.StoppedClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadingLinesTest {
    private final List<String> said = new ArrayList<>();

    @Test
    void aLineIsSaidEveryTwoSecondsAndNoneWhereItIsQuick() {
        StoppedClock clock = new StoppedClock();
        LoadingLines lines = new LoadingLines(new DatasetName("default", "big"), 5000, clock, said::add);
        for (int segment = 0; segment < 5; segment++) {
            clock.advance(Duration.ofMillis(900));
            lines.added(1000);
        }
        assertEquals(List.of("reading the listing of default/big: 3000 of 5000 files"), said);
    }
}
