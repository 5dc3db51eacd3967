package io.hearth.objectstore.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.engine.SimulatedStore.Limits;
import io.hearth.protocol.settings.SettingsBinder;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The whole engine over the origins of {@code bench/run origin-capped}, in virtual time: what its decisions are worth.
 */
class EngineOverSlowOriginsTest {
    private static final int WINDOW_MIB = 128;
    private static final double MB = 1e6;
    private static final Limits FAR = new Limits(2 * MB, 64 * MB, 90, Integer.MAX_VALUE, 0, 1);
    private static final Limits VERY_SLOW = new Limits(0.5 * MB, 24 * MB, 1, Integer.MAX_VALUE, 0, 1);
    private static final Limits IMPATIENT = new Limits(20 * MB, 100 * MB, 1, 8, 0, 1);
    private static final Limits FORTY_WANTED = new Limits(10 * MB, 400 * MB, 50, Integer.MAX_VALUE, 0, 1);
    private static final Limits SOME_STARVED = new Limits(2 * MB, 64 * MB, 90, Integer.MAX_VALUE, 0.03, 40);

    @Test
    void fillsAnOriginOfSlowConnections() {
        SimulatedRead far = SimulatedRead.load(FAR, 512, 1);
        assertTrue(far.fractionOfCap() >= 0.95, far::toString);
        SimulatedRead slow = SimulatedRead.load(VERY_SLOW, 256, 1);
        assertTrue(slow.fractionOfCap() >= 0.95, slow::toString);
    }

    /** Its ranges begin and end together, so that single windows measure half or twice what connections bring. */
    @Test
    void findsManyConnectionsOfMiddlingSpeed() {
        SimulatedRead load = SimulatedRead.load(FORTY_WANTED, 2048, 1);
        assertTrue(load.fractionOfCap() >= 0.9, load::toString);
    }

    @Test
    void aReaderInOrderFillsItToo() {
        SimulatedRead far = SimulatedRead.inOrder(FAR, 512, WINDOW_MIB, 1);
        assertTrue(far.fractionOfCap() >= 0.93, far::toString);
        SimulatedRead slow = SimulatedRead.inOrder(VERY_SLOW, 256, WINDOW_MIB, 1);
        assertTrue(slow.fractionOfCap() >= 0.93, slow::toString);
    }

    @Test
    void anImpatientOriginIsFilledWithFewRefusals() {
        SimulatedRead load = SimulatedRead.load(IMPATIENT, 512, 1);
        assertTrue(load.fractionOfCap() >= 0.95 && load.refusals() <= 12, load::toString);
        SimulatedRead reader = SimulatedRead.inOrder(IMPATIENT, 512, WINDOW_MIB, 1);
        assertTrue(reader.fractionOfCap() >= 0.95 && reader.refusals() <= 12, reader::toString);
    }

    @Test
    void starvedConnectionsCostNeitherTimeNorBytes() {
        long abandoned = 0;
        for (long seed = 1; seed <= 10; seed++) {
            SimulatedRead read = SimulatedRead.load(SOME_STARVED, 512, seed);
            String said = "seed " + seed + ": " + read;
            assertTrue(read.p99OverP50() <= 1.3, said);
            assertTrue(read.fractionOfCap() >= 0.93 && read.extraBytesFraction() < 0.001, said);
            abandoned += read.abandoned();
        }
        assertTrue(abandoned >= 10, "few connections were starved at all: " + abandoned);
    }

    @Test
    void whereNoConnectionIsStarvedNoneIsGivenUp() {
        for (Limits limits : new Limits[] {FAR, VERY_SLOW, IMPATIENT}) {
            SimulatedRead read = SimulatedRead.load(limits, 256, 1);
            assertEquals(0, read.abandoned(), read::toString);
        }
    }

    @Test
    void whereNoByteMayComeTwiceNoneIsGivenUpEither() {
        OriginSettings once =
                new SettingsBinder(Path.of("")).bind(OriginSettings.class, Map.of("origin.hedge-percent", "0"));
        SimulatedRead read = SimulatedRead.load(once, SOME_STARVED, 256, 1);
        assertEquals(0, read.abandoned(), read::toString);
        assertEquals(0, read.extraBytesFraction(), read::toString);
    }
}
