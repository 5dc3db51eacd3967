package io.hearth.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.engine.RangeFetch;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.settings.SettingsBinder;
import io.hearth.protocol.trust.ClusterToken;
import io.hearth.protocol.wire.Message;
import io.hearth.testing.Content;
import io.hearth.testing.Fault;
import io.hearth.testing.FaultPlan;
import io.hearth.testing.FaultyObjectStore;
import io.hearth.testing.MemoryObjectStore;
import io.hearth.worker.descriptor.DescriptorSettings;
import io.hearth.worker.descriptor.KeepSettings;
import io.hearth.worker.fill.PrefetchSettings;
import io.hearth.worker.integrity.IntegritySettings;
import io.hearth.worker.lend.LendSettings;
import io.hearth.worker.share.LeaseSettings;
import io.hearth.worker.tier.FaultyTierIo;
import io.hearth.worker.tier.Lease;
import io.hearth.worker.tier.Tier;
import io.hearth.worker.tier.TierSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One random plan against a worker and its successors on the same two tiers. The oracle is the origin's contents: a
 * read gives exactly the bytes of the version that was asked for, or fails; and it fails only while the origin does, or
 * where that version is gone.
 */
final class WorkerModel implements AutoCloseable {
    private static final int OBJECTS = 6;
    private static final long OBJECT_BYTES_MAX = 5 << 20;
    private static final long READ_BYTES_MAX = 3 << 20;
    private static final Set<FailureKind> STORM =
            EnumSet.of(FailureKind.OVERLOADED, FailureKind.UNAVAILABLE, FailureKind.TIMEOUT, FailureKind.CORRUPT);
    private static final List<Fault> FAULTS = List.of(
            new Fault.Refuse(FailureKind.OVERLOADED),
            new Fault.Refuse(FailureKind.UNAVAILABLE),
            new Fault.CutAfter(300_000),
            new Fault.CutAfter(1_500_000),
            new Fault.ShortRead(1_000_000),
            new Fault.StallAfter(700_000));

    private record Version(ObjectRef object, Content content) {}

    /** What the plans did, so that a plan that does nothing is seen. */
    static final class Tally {
        private long bytesRead;
        private int reads;
        private int failedReads;
        private int crashes;
        private int flips;
        private int fullDisks;
        private int fromTier;

        boolean didEnough(int plans) {
            return reads > 10 * plans && crashes > plans / 4 && flips > plans / 4 && fullDisks > plans / 4;
        }

        @Override
        public String toString() {
            return reads + " reads of " + bytesRead + " bytes, " + failedReads + " failed with the origin, " + crashes
                    + " crashes, " + flips + " flipped bits, " + fullDisks + " full disks, " + fromTier
                    + " objects found whole at the end";
        }
    }

    private final Random random;
    private final Path directory;
    private final ExecutorService threads;
    private final Tally tally;
    private final MemoryObjectStore bucket;
    private final Storm storm;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final StoreSource origin;
    private final List<Version> versions = new ArrayList<>();
    private final List<Lease> leases = new ArrayList<>();
    private FaultyTierIo io;
    private Worker worker;
    private Optional<WireClient> client = Optional.empty();
    private int keys;

    WorkerModel(long seed, Path directory, ExecutorService threads, Tally tally) throws IOException {
        this.random = new Random(seed);
        this.directory = directory;
        this.threads = threads;
        this.tally = tally;
        bucket = new MemoryObjectStore(threads);
        storm = new Storm(seed);
        OriginSettings settings = new SettingsBinder(directory)
                .bind(
                        OriginSettings.class,
                        Map.of(
                                "origin.backoff-base", "1ms",
                                "origin.backoff-max", "5ms",
                                "origin.stall-timeout", "100ms",
                                "origin.attempts", "4"));
        RangeFetch ranges = new RangeFetch(
                settings, new OriginMetrics(new SimpleMeterRegistry()), new SplittableRandom(seed), timer);
        origin = new StoreSource(new FaultyObjectStore(bucket, storm), ranges);
        for (int i = 0; i < OBJECTS; i++) {
            put("key-" + keys++);
        }
    }

    /** Part of the requests fail while it blows. */
    private static final class Storm implements FaultPlan {
        private final FaultPlan faults;
        volatile boolean blows;

        Storm(long seed) {
            faults = FaultPlan.seeded(seed, 0.6, FAULTS);
        }

        @Override
        public Fault next(Operation operation, String key) {
            return blows ? faults.next(operation, key) : new Fault.None();
        }
    }

    private void put(String key) {
        long sizeBytes = random.nextInt(3) == 0 ? 1 + random.nextInt(9000) : 1 + random.nextLong(OBJECT_BYTES_MAX);
        Content content = Content.noise(random.nextLong(), sizeBytes);
        ObjectRef object =
                new ObjectRef("0123456789abcdef", key, bucket.put(key, content).validator(), sizeBytes);
        versions.add(new Version(object, content));
    }

    void run(int steps) throws Exception {
        start(random.nextInt(4) == 0 ? Long.MAX_VALUE : random.nextInt(120));
        for (int step = 0; step < steps; step++) {
            try {
                step();
            } catch (FaultyTierIo.Crash e) {
                assertTrue(io.crashed());
            }
            if (io.crashed()) {
                tally.crashes++;
                restart(random.nextInt(200));
            }
        }
        storm.blows = false;
        restart(Long.MAX_VALUE);
        for (Version version : versions) {
            read(version, 0, (int) version.object().sizeBytes());
        }
        checkNothingIsLeft();
    }

    private void start(long changesBeforeCrash) throws IOException {
        WorkerSettings settings = new SettingsBinder(directory)
                .bind(
                        WorkerSettings.class,
                        Map.of(
                                "worker.directory", directory.resolve("worker").toString(),
                                "worker.tiers",
                                        "MEM:" + directory.resolve("mem") + ":8MiB,SSD:" + directory.resolve("ssd")
                                                + ":12MiB",
                                "worker.data-port", "0",
                                "worker.full-pause", "20ms",
                                "worker.fill-memory", "8MiB"));
        LendSettings lend =
                new SettingsBinder(directory).bind(LendSettings.class, Map.of("worker.lend.watch", "false"));
        // Where nothing is to crash, accounts are looked at: nobody but readers may hold files then.
        String scrubRate = changesBeforeCrash == Long.MAX_VALUE ? "0" : "256MiB";
        IntegritySettings integrity = new SettingsBinder(directory)
                .bind(
                        IntegritySettings.class,
                        Map.of(
                                "worker.scrub-rate", scrubRate,
                                "worker.scrub-pause", "5ms",
                                "worker.checksum-min-size", "1"));
        io = new FaultyTierIo(new Random(random.nextLong()), changesBeforeCrash);
        while (worker == null) {
            try {
                worker = Worker.start(
                        new WorkerConfig(
                                settings,
                                TierSettings.defaults(),
                                lend,
                                integrity,
                                new SettingsBinder(directory).bind(DescriptorSettings.class, Map.of()),
                                new LeaseSettings(Duration.ofHours(1)),
                                PrefetchSettings.of(Map.of("worker.prefetch-depth", "1")),
                                new KeepSettings(0)),
                        new FakeMaster().api(),
                        ClusterToken.NONE,
                        origin,
                        new SimpleMeterRegistry(),
                        Clock.systemUTC(),
                        () -> 7072,
                        io);
            } catch (RuntimeException | FaultyTierIo.Crash e) {
                assertTrue(io.crashed(), () -> "only a crash may end the start: " + e);
                tally.crashes++;
                io = new FaultyTierIo(new Random(random.nextLong()), Long.MAX_VALUE);
            }
        }
        client = Optional.of(WireClient.greeted(worker.dataPort()));
    }

    private void stop() throws IOException {
        if (client.isPresent()) {
            client.get().close();
            client = Optional.empty();
        }
        leases.clear();
        if (worker != null) {
            worker.close();
            worker = null;
        }
    }

    /** Bits flip only here: a chunk that was checked is not read again before it is sent. */
    private void restart(long changesBeforeCrash) throws IOException {
        stop();
        for (Path file : dataFiles()) {
            if (random.nextInt(4) == 0 && Files.size(file) > 0) {
                flip(file, random.nextLong(Files.size(file)));
                tally.flips++;
            }
        }
        start(changesBeforeCrash);
    }

    private List<Path> dataFiles() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String tier : List.of("mem", "ssd")) {
            Path objects = directory.resolve(tier).resolve("objects");
            if (Files.isDirectory(objects)) {
                try (Stream<Path> all = Files.walk(objects)) {
                    all.filter(path -> path.toString().endsWith(".data")).forEach(files::add);
                }
            }
        }
        return files;
    }

    private void flip(Path path, long position) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 1 << random.nextInt(8)));
            channel.write(one.flip(), position);
        }
    }

    private void step() throws Exception {
        Version version = versions.get(random.nextInt(versions.size()));
        ObjectRef object = version.object();
        switch (random.nextInt(16)) {
            case 0 -> worker.store().evict(Set.of(object.id()));
            case 1 -> storm.blows = !storm.blows && random.nextInt(3) == 0;
            case 2 -> {
                io.diskFull = !io.diskFull;
                tally.fullDisks++;
            }
            case 3 -> lease(object);
            case 4 -> {
                leases.forEach(Lease::close);
                leases.clear();
            }
            case 5 ->
                client.orElseThrow().send(new Message.Prefetch(WireClient.CONTEXT, object, 0, object.sizeBytes()));
            case 6 -> put("key-" + random.nextInt(keys));
            case 7 -> restart(random.nextInt(200));
            case 8, 9 -> readTogether(version);
            default -> readSome(version);
        }
    }

    private void lease(ObjectRef object) {
        worker.store().leaseOrCreate(object, object.id(), "default").ifPresent(leases::add);
    }

    private void readSome(Version version) throws Exception {
        long offset = random.nextLong(version.object().sizeBytes());
        long left = version.object().sizeBytes() - offset;
        read(version, offset, (int) Math.min(left, 1 + random.nextLong(READ_BYTES_MAX)));
    }

    /** Readers of one object at once, each with a connection of its own. */
    private void readTogether(Version version) throws Exception {
        boolean calm = calm(version);
        List<Future<Outcome>> readers = new ArrayList<>();
        for (int i = 0; i < 2 + random.nextInt(3); i++) {
            long offset = random.nextLong(version.object().sizeBytes());
            int length = (int) Math.min(version.object().sizeBytes() - offset, READ_BYTES_MAX);
            readers.add(threads.submit(() -> {
                try (WireClient own = WireClient.greeted(worker.dataPort())) {
                    return ask(own, version, offset, length);
                }
            }));
        }
        for (Future<Outcome> reader : readers) {
            try {
                judge(reader.get(30, TimeUnit.SECONDS), version, calm);
            } catch (ExecutionException e) {
                assertTrue(io.crashed() && e.getCause() instanceof IOException, () -> "a reader: " + e.getCause());
            }
        }
    }

    private void read(Version version, long offset, int length) throws Exception {
        boolean calm = calm(version);
        judge(ask(client.orElseThrow(), version, offset, length), version, calm);
    }

    private record Outcome(long offset, Optional<byte[]> bytes, Optional<Exception> failure) {}

    private static Outcome ask(WireClient from, Version version, long offset, int length) {
        try {
            return new Outcome(offset, Optional.of(from.read(version.object(), offset, length)), Optional.empty());
        } catch (HearthException | EOFException | SocketException e) {
            return new Outcome(offset, Optional.empty(), Optional.of(e));
        } catch (IOException e) {
            throw new AssertionError("no failure but a wrong answer", e);
        }
    }

    /** Whether the origin gives this version, now. */
    private boolean calm(Version version) throws Exception {
        boolean current = bucket.head(version.object().key())
                .get(10, TimeUnit.SECONDS)
                .validator()
                .equals(version.object().validator());
        return !storm.blows && current;
    }

    private void judge(Outcome outcome, Version version, boolean calm) {
        tally.reads++;
        if (outcome.bytes().isPresent()) {
            byte[] bytes = outcome.bytes().get();
            tally.bytesRead += bytes.length;
            assertArrayEquals(
                    version.content().bytes(outcome.offset(), bytes.length),
                    bytes,
                    () -> "wrong bytes of " + version.object() + " at " + outcome.offset());
            return;
        }
        tally.failedReads++;
        Exception failure = outcome.failure().orElseThrow();
        if (io.crashed()) {
            return; // The process died under its readers.
        }
        FailureKind kind = HearthException.of(failure).kind();
        boolean explained = kind == FailureKind.STALE || STORM.contains(kind);
        assertTrue(!calm && explained, () -> "a read failed without a reason: " + version.object() + ": " + failure);
    }

    private void checkNothingIsLeft() throws Exception {
        tally.fromTier += worker.store().size();
        client.orElseThrow().close();
        client = Optional.empty();
        WorkerRig.await(
                "no file is held", () -> worker.store().tiers().stream().allMatch(tier -> tier.heldBytes() == 0));
        worker.store()
                .evict(versions.stream().map(version -> version.object().id()).toList());
        for (Tier tier : worker.store().tiers()) {
            assertEquals(
                    0,
                    tier.usedBytes(),
                    () -> "bytes used by nothing in " + tier.spec().directory());
        }
        assertEquals(List.of(), dataFiles());
    }

    @Override
    public void close() throws IOException {
        stop();
        timer.shutdownNow();
    }
}
