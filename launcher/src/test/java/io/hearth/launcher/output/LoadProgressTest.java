package io.hearth.launcher.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.launcher.SampleLoad;
import io.hearth.protocol.api.LoadPhase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoadProgressTest {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    private final AtomicLong nanos = new AtomicLong();

    @Test
    void linesComeAtEachPhaseAndEveryTenSeconds() {
        LoadProgress lines = new LoadLines(out, nanos::get);
        lines.show(SampleLoad.at(LoadPhase.PENDING, 0, 0));
        for (int second = 0; second < 25; second++) {
            lines.show(SampleLoad.at(LoadPhase.RUNNING, (long) second << 20, 0));
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        }
        lines.show(SampleLoad.at(LoadPhase.VERIFYING, SampleLoad.TOTAL, 1 << 20));
        lines.show(SampleLoad.at(LoadPhase.COMPLETE, SampleLoad.TOTAL, SampleLoad.TOTAL));
        lines.show(SampleLoad.at(LoadPhase.COMPLETE, SampleLoad.TOTAL, SampleLoad.TOTAL));
        assertEquals("""
                hearth: load llama-1: pending
                hearth: load llama-1: loading, 0B of 512MiB resident at 256MiB/s, about 65s left
                hearth: load llama-1: loading, 10MiB of 512MiB resident at 256MiB/s, about 65s left
                hearth: load llama-1: loading, 20MiB of 512MiB resident at 256MiB/s, about 65s left
                hearth: load llama-1: verifying, 1MiB of 512MiB verified
                hearth: load llama-1: complete, 512MiB verified
                """, said.toString(StandardCharsets.UTF_8));
    }

    @Test
    void howALoadFailedIsLeftToTheOneLineAtTheEnd() {
        LoadProgress lines = new LoadLines(out, nanos::get);
        lines.show(SampleLoad.failed(1, List.of(), Optional.empty()));
        lines.show(SampleLoad.at(LoadPhase.CANCELLED, 0, 0));
        assertEquals("", said.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aBarIsNamedForItsPhaseAndGoesAtTheEnd() {
        try (LoadProgress bar = new LoadBar(out, nanos::get)) {
            bar.show(SampleLoad.at(LoadPhase.PENDING, 0, 0));
            bar.show(SampleLoad.at(LoadPhase.RUNNING, SampleLoad.TOTAL / 2, 0));
            bar.show(SampleLoad.at(LoadPhase.VERIFYING, SampleLoad.TOTAL, SampleLoad.TOTAL / 4));
            bar.show(SampleLoad.at(LoadPhase.COMPLETE, SampleLoad.TOTAL, SampleLoad.TOTAL));
        }
        String drawn = said.toString(StandardCharsets.UTF_8);
        assertTrue(
                drawn.contains("loading")
                        && drawn.contains("50%")
                        && drawn.contains("256/512MiB")
                        && drawn.contains("256MiB/s"),
                drawn);
        assertTrue(drawn.contains("verifying") && drawn.contains("25%") && drawn.contains("128/512MiB"), drawn);
        String[] draws = drawn.split("\r", -1);
        assertTrue(draws[draws.length - 1].isBlank(), "the bar is left behind: " + drawn);
    }

    @Test
    void aBarReckonsItsRateFromWhatCameSinceItBegan() {
        try (TerminalBar bar = new TerminalBar("verifying", 512 << 20, 256 << 20, out, nanos::get)) {
            nanos.addAndGet(Duration.ofSeconds(2).toNanos());
            bar.stepBy(128 << 20);
        }
        String drawn = said.toString(StandardCharsets.UTF_8);
        assertTrue(drawn.contains("384/512MiB") && drawn.contains("/ 0:00:02)") && drawn.contains(" 64MiB/s"), drawn);
    }
}
