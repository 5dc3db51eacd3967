package io.hearth.worker.lend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hearth.worker.lend.Demand.Want;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The kernel's texts, as files of 6.18 have them. */
class NodeTextsTest {
    private static final long GIB = 1L << 30;
    private static final String PRESSURE = """
            some avg10=0.08 avg60=0.24 avg300=0.25 total=%d
            full avg10=0.00 avg60=0.05 avg300=0.10 total=%d
            """;
    private static final String MEMINFO = """
            MemTotal:       24684092 kB
            MemFree:        20123456 kB
            MemAvailable:   %d kB
            Buffers:           12345 kB
            SReclaimable:      54321 kB
            HugePages_Total:       0
            """;

    @Test
    void aPressureFileIsItsTwoCounters() {
        assertEquals(Optional.of(new Pressure(6291153, 4974000)), Pressure.parse(PRESSURE.formatted(6291153, 4974000)));
        assertEquals(
                Optional.of(new Pressure(155497249, 0)),
                Pressure.parse("some avg10=72.26 avg60=44.76 avg300=22.61 total=155497249\n"));
        assertEquals(Optional.empty(), Pressure.parse(""));
        assertEquals(Optional.empty(), Pressure.parse("full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n"));
        assertEquals(Optional.empty(), Pressure.parse("some avg10=0.00 total=99999999999999999999999\n"));
    }

    @Test
    void fieldsAreFoundByTheirWholeName() {
        String text = MEMINFO.formatted(22000000);
        assertEquals(OptionalLong.of(22000000L << 10), StatusFields.value(text, "MemAvailable"));
        assertEquals(OptionalLong.of(0), StatusFields.value(text, "HugePages_Total"));
        assertEquals(OptionalLong.empty(), StatusFields.value(text, "Mem"));
        assertEquals(OptionalLong.of(7), StatusFields.value("oom_kill 3\noom 7\n", "oom"));
        assertEquals(OptionalLong.of(Long.MAX_VALUE), StatusFields.number("max\n"));
        assertEquals(OptionalLong.of(42), StatusFields.number("42\n"));
        assertEquals(OptionalLong.empty(), StatusFields.number(""));
    }

    @Test
    void stallsAreCountedOverTheLastWindowOnly() {
        long[] micros = {5_000_000};
        StallShare share = new StallShare(() -> Optional.of(PRESSURE.formatted(micros[0], 0)), 1000);
        PressureSignal signal = new PressureSignal("memory", share, 10, 2);
        long now = 0;
        for (; now < 2000; now += 100) {
            assertEquals(Want.CALM, signal.look(now).want(), "what happened before the start does not count");
        }
        for (; now < 2300; now += 100) {
            micros[0] += 40_000;
            signal.look(now);
        }
        assertEquals(Want.WANTED, signal.look(now).want(), "120 ms of the last second");
        Want[] last = new Want[20];
        for (int i = 0; i < last.length; i++) {
            now += 100;
            last[i] = signal.look(now).want();
        }
        assertEquals(Want.CALM, last[19]);
        assertTrue(java.util.List.of(last).contains(Want.UNEASY), "through the middle, not past it");
    }

    @Test
    void allTasksStalledCountsSooner() {
        long[] micros = {0};
        PressureSignal signal = new PressureSignal(
                "memory", new StallShare(() -> Optional.of(PRESSURE.formatted(micros[0], micros[0])), 1000), 10, 2);
        signal.look(0);
        micros[0] += 30_000;
        assertEquals(Want.WANTED, signal.look(1000).want());
    }

    @Test
    void availableMemoryHasAFloorAndACalmAboveIt() {
        assertEquals(Want.CALM, available(20_000_000).want());
        Demand low = available(1_000_000);
        assertEquals(Want.WANTED, low.want());
        // 5 % of 23.5 GiB are more than 1 GiB; calm is half as much above.
        long floor = (24684092L << 10) / 100 * 5;
        assertEquals(floor + floor / 2 - (1_000_000L << 10), low.wantedBytes());
        assertEquals(Want.UNEASY, available(floor / 1024 + 1).want());
        assertTrue(low.reason().contains("976.56MiB of 23.54GiB are free"), low.reason());
    }

    @Test
    void aSmallMachineLendsTooAndAnUnreadableFileWantsNothing() {
        assertEquals(Want.CALM, new Headroom(5, GIB).of("x", GIB / 4, GIB).want(), "a tenth of 1 GiB is to stay");
        AvailableSignal blind = new AvailableSignal(Optional::empty, new Headroom(5, GIB));
        assertEquals(Want.CALM, blind.look(0).want());
    }

    private static Demand available(long kib) {
        return new AvailableSignal(() -> Optional.of(MEMINFO.formatted(kib)), new Headroom(5, GIB)).look(0);
    }

    @Test
    void pagesOfFilesCountAsFreeInACgroup() {
        Map<String, String> files = new HashMap<>(Map.of(
                "current", 15 * GIB + "\n",
                "high", "max\n",
                "max", 16 * GIB + "\n",
                "stat", "anon 1\ninactive_file " + 8 * GIB + "\nactive_file " + 2 * GIB + "\nshmem 5\n",
                "events", "low 0\nhigh 0\nmax 12\noom 0\noom_kill 0\n"));
        CgroupSignal signal = new CgroupSignal(
                new CgroupSignal.Files(
                        () -> Optional.ofNullable(files.get("current")),
                        () -> Optional.ofNullable(files.get("high")),
                        () -> Optional.ofNullable(files.get("max")),
                        () -> Optional.ofNullable(files.get("stat")),
                        () -> Optional.ofNullable(files.get("events"))),
                new Headroom(5, GIB));
        assertEquals(Want.CALM, signal.look(0).want(), "11 GiB could be had");
        files.put("stat", "inactive_file 0\nactive_file 0\n");
        files.put("high", (15 * GIB + GIB / 2) + "\n");
        Demand near = signal.look(1);
        assertEquals(Want.WANTED, near.want());
        assertEquals(GIB, near.wantedBytes(), "512 MiB are left, 1.5 GiB are calm");
        files.put("high", "max\n");
        files.put("current", GIB + "\n");
        assertEquals(Want.CALM, signal.look(2).want());
        files.put("events", "oom 1\n");
        assertEquals(Want.WANTED, signal.look(3).want());
        assertEquals(Want.CALM, signal.look(4).want(), "once for each time");
        files.remove("max");
        assertEquals(Want.CALM, signal.look(5).want(), "no limit");
    }

    @Test
    void thisMachinesFilesCanBeReadQuickly() {
        assumeTrue(Files.isReadable(Path.of("/proc/pressure/memory")), "a kernel without PSI");
        assertTrue(StatusText.of(Path.of("/proc/pressure/memory"))
                .read()
                .flatMap(Pressure::parse)
                .isPresent());
        AvailableSignal available = new AvailableSignal(StatusText.of(Path.of("/proc/meminfo")), new Headroom(0, 1));
        assertTrue(
                available.look(0).reason().contains("are free"),
                available.look(0).reason());
    }

    @Test
    void nvidiasAnswerIsItsBusiestGpu() {
        assertEquals(OptionalInt.of(97), GpuLoad.busiest("0 %\n97 %\n 3 %\n"));
        assertEquals(OptionalInt.of(5), GpuLoad.busiest("[N/A]\n5 %\n"));
        assertEquals(OptionalInt.empty(), GpuLoad.busiest("NVIDIA-SMI has failed because it couldn't communicate\n"));
    }
}
