package io.hearth.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hearth.protocol.DatasetName;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadingLinesTest {
    private final List<String> said = new ArrayList<>();

    @Test
    void aLineIsSaidEveryTwoSecondsAndNoneWhereItIsQuick() {
        StepClock clock = new StepClock();
        LoadingLines lines = new LoadingLines(new DatasetName("default", "big"), 5000, clock, said::add);
        for (int segment = 0; segment < 5; segment++) {
            clock.ms += 900;
            lines.added(1000);
        }
        assertEquals(List.of("reading the listing of default/big: 3000 of 5000 files"), said);
    }

    private static final class StepClock extends Clock {
        private long ms;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(ms);
        }
    }
}
