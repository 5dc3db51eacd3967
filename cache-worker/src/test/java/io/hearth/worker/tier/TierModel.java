package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import io.hearth.protocol.settings.SettingsBinder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Assertions;

/**
 * One random plan against a fast and a slow tier, with S3-FIFO if the seed is even, else LRU, and the oracle that knows
 * which chunks must be there and what every byte is.
 */
final class TierModel {
    private static final int CHUNK_BYTES = 1024;
    private static final int OBJECTS = 10;
    private static final int OBJECTS_FITTING = 4;
    private static final int PAGES_PER_OBJECT = 4;
    private static final Watermarks WATERMARKS = new Watermarks(0.9, 0.6);
    private static final TierSettings SETTINGS = new SettingsBinder(Path.of(""))
            .bind(
                    TierSettings.class,
                    Map.of("worker.tier-failures", "2", "worker.move-wait", "20ms", "worker.move-rate", "1MiB"));

    private final Random random;
    private final EvictionChoice eviction;
    private final Path directory;
    private final List<ObjectRef> objects = new ArrayList<>();
    private final Map<ObjectId, Set<Integer>> mustHave = new HashMap<>();
    private final Map<ObjectId, Set<Integer>> flipped = new HashMap<>();
    /** Objects of which a disk that failed for a while may hold an older copy. */
    private final Set<ObjectId> exiles = new HashSet<>();

    private final Set<ObjectId> rotten = new HashSet<>();
    private final List<ObjectFile> holders = new ArrayList<>();
    private final List<Lease> leases = new ArrayList<>();
    /** Files that an order dropped, or that were dropped because they were empty: their leases have no effect. */
    private final Set<ObjectFile> dropped = new HashSet<>();

    private final TestClock clock = new TestClock();
    private final TestSpace space = new TestSpace();
    private long nanos;

    private FaultyTierIo io;
    private TierStore store;
    private TierUpkeep upkeep;
    long chunksChecked;
    long crashes;
    long corruptFound;
    long leasesKept;
    long renewed;
    long moves;
    long comebacks;
    long blocksEvicted;
    /** Whether nothing has happened yet that may leave bytes on disk which no log knows. */
    private boolean tidy = true;

    TierModel(long seed, Path directory) {
        this.random = new Random(seed);
        this.eviction = seed % 2 == 0 ? EvictionChoice.S3_FIFO : EvictionChoice.LRU;
        this.directory = directory;
        for (int i = 0; i < OBJECTS; i++) {
            objects.add(new ObjectRef("origin", "key-" + i, new Validator.LastModified(i), 1 + random.nextInt(20_000)));
        }
    }

    void run(int steps) throws IOException {
        open();
        for (int step = 0; step < steps; step++) {
            boolean mayEvict = false;
            try {
                mayEvict = step();
                checkKept(mayEvict);
                checkLeases();
                checkAccounts();
            } catch (FaultyTierIo.Crash e) {
                crashes++;
                tidy = false;
                Set<ObjectId> inUse = inUse();
                holders.clear();
                leases.clear();
                close();
                open();
                checkKept(true, inUse);
            }
        }
        releaseAll();
        checkEverything();
        checkNothingIsLeft();
        close();
    }

    private void releaseAll() {
        holders.forEach(ObjectFile::release);
        holders.clear();
        leases.forEach(Lease::close);
        leases.forEach(Lease::close);
        leases.clear();
    }

    private void checkNothingIsLeft() {
        try {
            upkeep.stop();
            store.evict(objects.stream().map(ObjectRef::id).toList());
            for (Tier tier : store.tiers()) {
                Assertions.assertEquals(0, tier.usedBytes(), "bytes used by nothing");
                Assertions.assertEquals(0, tier.heldBytes(), "bytes held by nobody");
            }
        } catch (FaultyTierIo.Crash e) {
            crashes++;
        }
    }

    private void checkLeases() {
        for (Lease lease : leases) {
            if (!dropped.contains(lease.file())) {
                ObjectFile found = store.find(lease.file().id()).orElse(null);
                Assertions.assertSame(
                        lease.file(),
                        found,
                        () -> "leased and evicted: " + lease.file().object());
                leasesKept++;
            }
        }
    }

    private void checkAccounts() {
        store.tiers().forEach(this::checkAccounts);
    }

    private void checkAccounts(Tier tier) {
        long pinned = store.files().stream()
                .filter(file -> file.tier() == tier && file.pinned())
                .mapToLong(ObjectFile::chargeBytes)
                .sum();
        Set<ObjectFile> holding = new HashSet<>(holders);
        upkeep.move().ifPresent(move -> holding.add(move.from()));
        long arriving = upkeep.move()
                .filter(move -> move.copy().tier() == tier)
                .map(move -> move.copy().chargeBytes())
                .orElse(0L);
        long zombies = holding.stream()
                .filter(file -> file.tier() == tier && !store.knows(file))
                .mapToLong(ObjectFile::chargeBytes)
                .sum();
        Assertions.assertEquals(zombies, tier.zombieBytes(), "evicted bytes that are still held");
        Assertions.assertEquals(pinned + zombies + arriving, tier.heldBytes(), "bytes held");
        long present = store.files().stream()
                .filter(file -> file.tier() == tier)
                .mapToLong(ObjectFile::chargeBytes)
                .sum();
        Assertions.assertEquals(present + zombies + arriving, tier.usedBytes(), "bytes used");
    }

    /** Copies that differ may lie on two disks; only one of them can stay. */
    private void forgive(ObjectId id) {
        store.find(id)
                .ifPresent(file -> mustHave.getOrDefault(id, new HashSet<>()).removeIf(chunk -> !file.has(chunk)));
    }

    private TierSpec spec(Medium medium, int objectsFitting) {
        return new TierSpec(
                medium, directory.resolve(medium.name()), objectsFitting * PAGES_PER_OBJECT * 4096L, WATERMARKS);
    }

    private UpkeepEvents countMoves() {
        return new UpkeepEvents() {
            @Override
            public void evictedAhead() {}

            @Override
            public void moved(boolean faster, long residentBytes) {
                moves++;
            }

            @Override
            public void moveAbandoned() {}
        };
    }

    private TierEvents countBlocks() {
        return new TierEvents() {
            @Override
            public void residencyChanged(ObjectId object) {}

            @Override
            public void evicted(long residentBytes) {}

            @Override
            public void blockEvicted(long residentBytes) {
                blocksEvicted++;
            }

            @Override
            public void verified() {}

            @Override
            public void corrupt() {}

            @Override
            public void foreignFile() {}
        };
    }

    private void open() {
        boolean done = false;
        while (!done) {
            io = new FaultyTierIo(random, random.nextInt(250));
            try {
                TierEnvironment environment = new TierEnvironment(
                        io, countBlocks(), Runnable::run, clock, CHUNK_BYTES, 2, 0, space, SETTINGS);
                store = TierStore.open(
                        List.of(spec(Medium.MEM, OBJECTS_FITTING), spec(Medium.SSD, OBJECTS_FITTING + 1)),
                        environment,
                        () -> eviction.policy(3));
                upkeep = new TierUpkeep(store, environment, countMoves(), () -> nanos);
                exiles.forEach(this::forgive);
                done = true;
            } catch (RuntimeException e) {
                Assertions.assertTrue(io.crashed(), () -> "only a crash may end start-up: " + e);
                crashes++;
            } catch (FaultyTierIo.Crash e) {
                crashes++;
            }
        }
    }

    private void close() {
        if (!io.crashed()) {
            upkeep.stop();
        }
        store.close();
    }

    /** One random step; gives whether it may have evicted objects. A crash in a step that evicts may have, too. */
    private boolean step() throws IOException {
        ObjectRef object = objects.get(random.nextInt(OBJECTS));
        switch (random.nextInt(28)) {
            case 0:
                store.find(object.id()).ifPresent(dropped::add);
                store.evict(Set.of(object.id()));
                mustHave.remove(object.id());
                return true;
            case 1:
                holders.forEach(ObjectFile::release);
                holders.clear();
                return false;
            case 2:
                releaseAll();
                close();
                flipSome();
                open();
                return false;
            case 3:
                store.find(object.id()).filter(ObjectFile::hold).ifPresent(holders::add);
                return false;
            case 4:
                io.diskFull = true;
                tidy = false;
                try {
                    fill(object);
                } finally {
                    io.diskFull = false;
                }
                return true;
            case 5, 6, 7, 8, 9, 10:
                fill(object);
                return true;
            case 11:
                leases.forEach(Lease::close);
                leases.clear();
                return false;
            case 12:
                lease(object);
                return true;
            case 13:
                store.lease(object.id()).ifPresent(leases::add);
                return true;
            case 14:
                leases.forEach(this::readBack);
                return false;
            case 15, 16, 17, 18:
                turn();
                return true;
            case 19:
                space.scarce.add(store.tiers().get(random.nextInt(2)).spec().directory());
                turn();
                space.scarce.clear();
                return true;
            case 20:
                breakDisk(store.tiers().get(random.nextInt(2)));
                return true;
            case 21, 22, 23:
                store.find(object.id()).ifPresent(file -> store.used(file, EvictionPolicy.WHOLE));
                return false;
            case 24:
                store.find(object.id()).ifPresent(this::seal);
                return false;
            default:
                holders.forEach(this::readReady);
                store.find(object.id()).ifPresent(this::readAll);
                return false;
        }
    }

    /** A part whose tier has no room for the rest makes way for the whole in another tier. */
    private void lease(ObjectRef object) {
        Optional<ObjectFile> before = store.find(object.id());
        Optional<Lease> lease = store.leaseOrCreate(object, object.id(), "default");
        lease.ifPresent(leases::add);
        if (before.isPresent() && !before.equals(store.find(object.id()))) {
            Assertions.assertTrue(!inUse().contains(object.id()) || lease.isPresent(), "what is in use made way");
            mustHave.remove(object.id());
            flipped.remove(object.id());
        }
        lease.ifPresent(made -> Assertions.assertEquals(
                Tier.chargeBytes(object.sizeBytes()), made.file().chargeBytes(), "a lease has room for all"));
    }

    private Set<ObjectId> inUse() {
        Set<ObjectId> ids = new HashSet<>();
        holders.stream().filter(store::knows).map(ObjectFile::id).forEach(ids::add);
        leases.stream()
                .map(Lease::file)
                .filter(store::knows)
                .map(ObjectFile::id)
                .forEach(ids::add);
        return ids;
    }

    private void seal(ObjectFile file) {
        if (file.hold()) {
            file.seal();
            Assertions.assertTrue(file.sealed());
            file.release();
        }
    }

    /** Copies a few chunks of a move, if one is under way. */
    private void turn() {
        clock.advance(random.nextInt(20));
        nanos += random.nextInt(400_000);
        List<Tier> out = store.tiers().stream().filter(Tier::outOfService).toList();
        leases.stream()
                .map(Lease::file)
                .filter(file -> out.contains(file.tier()))
                .forEach(dropped::add);
        upkeep.turn();
        long back = out.stream().filter(tier -> !tier.outOfService()).count();
        comebacks += back;
        if (back > 0) {
            // In place of a copy that was evicted in the same turn, an older one may have come back.
            exiles.forEach(this::forgive);
        }
        for (Tier tier : out) {
            Assertions.assertTrue(
                    !tier.outOfService() || store.files().stream().noneMatch(file -> file.tier() == tier),
                    "objects of a tier out of service in the index");
        }
    }

    private void noteExiles(Tier tier) {
        store.files().stream()
                .filter(file -> file.tier() == tier)
                .map(ObjectFile::id)
                .forEach(exiles::add);
        upkeep.move().ifPresent(move -> exiles.add(move.from().id()));
    }

    private void breakDisk(Tier tier) {
        noteExiles(tier);
        tidy = false;
        io.broken = Optional.of(tier.spec().directory());
        for (int i = 0; i < 4; i++) {
            try {
                fill(objects.get(random.nextInt(OBJECTS)));
            } catch (HearthException e) {
                Assertions.assertEquals(FailureKind.INTERNAL, e.kind());
            }
            checkKept(true);
        }
        turn();
        // A move that could not read a chunk dropped it.
        exiles.forEach(this::forgive);
        io.broken = Optional.empty();
        leases.stream()
                .map(Lease::file)
                .filter(file -> file.tier().outOfService())
                .forEach(dropped::add);
        clock.advance(random.nextInt(10_000));
    }

    private void fill(ObjectRef object) {
        boolean known = store.find(object.id()).isPresent();
        boolean inPart = random.nextBoolean();
        ObjectFile file = (inPart
                        ? store.holdOrBegin(object, object.id(), "default")
                        : store.holdOrCreate(object, object.id(), "default"))
                .orElse(null);
        if (file == null && known) {
            return;
        }
        if (file == null) {
            long charge = Tier.chargeBytes(object.sizeBytes());
            for (Tier tier : store.tiers()) {
                Assertions.assertTrue(
                        io.diskFull
                                || io.broken.isPresent()
                                || !tier.takes(object.id(), charge)
                                || !tier.roomPossible(charge),
                        () -> "refused, though the room can be made: " + object);
            }
            return;
        }
        int chunk = random.nextInt(file.layout().chunks());
        try {
            if (!file.verify(chunk, scratch())) {
                noteBad(file, chunk);
                if (file.condemned()) {
                    renew(file);
                    return;
                }
                if (!store.cover(file, ChunkLayout.blockOf(chunk))) {
                    return;
                }
                byte[] bytes = bytes(file, chunk);
                file.write(chunk, ByteBuffer.wrap(bytes), crc(bytes));
            }
            mustHave.computeIfAbsent(object.id(), id -> new TreeSet<>()).add(chunk);
        } catch (HearthException e) {
            Assertions.assertTrue(
                    io.diskFull || io.broken.isPresent(), () -> "only a full or broken disk may refuse a write: " + e);
            store.dropIfEmpty(file);
            if (store.find(file.id()).filter(file::equals).isEmpty()) {
                dropped.add(file);
            }
        } finally {
            if (!io.crashed()) {
                file.release();
            }
        }
    }

    /**
     * What reads back right has the right bytes; a byte that changes under a verified chunk is found, and the chunk
     * goes.
     */
    private void readBack(Lease lease) {
        ObjectFile file = lease.file();
        if (!file.hold()) {
            return;
        }
        lease.startOver();
        for (int chunk = 0; chunk < file.layout().chunks(); chunk++) {
            if (file.has(chunk) && !lease.recheck(chunk, scratch())) {
                noteBad(file, chunk);
            }
        }
        Assertions.assertEquals(file.chunks(), lease.chunksReadBack());
        Assertions.assertEquals(file.chunks(), file.readyChunks());
        readReady(file);
        int chunk = random.nextInt(file.layout().chunks());
        if (file.ready(chunk)) {
            rot(lease, chunk);
        }
        renew(file);
        file.release();
    }

    /**
     * A condemned file is left as it is; the one that takes its place has every chunk that was good, if there is room.
     */
    private void renew(ObjectFile file) {
        if (!file.condemned() || store.find(file.id()).filter(file::equals).isEmpty()) {
            return;
        }
        dropped.add(file);
        Set<Integer> kept = mustHave.getOrDefault(file.id(), new TreeSet<>());
        mustHave.remove(file.id());
        boolean maybeRotten = rotten.contains(file.id());
        Set<Integer> flippedToo = flipped.getOrDefault(file.id(), Set.of());
        store.renew(file);
        renewed++;
        store.find(file.id()).ifPresent(fresh -> {
            kept.forEach(chunk -> Assertions.assertTrue(
                    maybeRotten || flippedToo.contains(chunk) || fresh.ready(chunk) || io.diskFull,
                    () -> "chunk " + chunk + " of " + file.object() + " was not copied"));
            kept.removeIf(chunk -> !fresh.has(chunk));
            mustHave.put(file.id(), kept);
        });
        flipped.remove(file.id());
        forgetEvicted();
    }

    /** Room for the second file may have been made by evicting others. */
    private void forgetEvicted() {
        Set<ObjectId> inUse = inUse();
        for (ObjectId id : List.copyOf(mustHave.keySet())) {
            Optional<ObjectFile> file = store.find(id);
            if (file.isEmpty()) {
                mustHave.remove(id);
                flipped.remove(id);
            } else if (!file.get().sealed() && !inUse.contains(id)) {
                mustHave.get(id).removeIf(chunk -> !file.get().has(chunk));
            }
        }
    }

    private void rot(Lease lease, int chunk) {
        ObjectFile file = lease.file();
        long before = file.residentBytes();
        try {
            flip(file.tier().dataPath(file.id()), file.layout().offset(chunk));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        flipped.computeIfAbsent(file.id(), id -> new HashSet<>()).add(chunk);
        mustHave.getOrDefault(file.id(), new HashSet<>()).remove(chunk);
        Assertions.assertFalse(lease.recheck(chunk, scratch()), "a flipped bit read back as right");
        Assertions.assertFalse(
                file.ready(chunk) || file.has(chunk) || file.crc(chunk).isPresent());
        Assertions.assertFalse(lease.chunksReadBack().contains(chunk));
        Assertions.assertEquals(before - file.layout().length(chunk), file.residentBytes());
        flipped.get(file.id()).remove(chunk);
    }

    private void readAll(ObjectFile file) {
        if (!file.hold()) {
            return;
        }
        for (int chunk = 0; chunk < file.layout().chunks(); chunk++) {
            if (file.has(chunk) && !file.verify(chunk, scratch())) {
                noteBad(file, chunk);
            }
        }
        readReady(file);
        renew(file);
        file.release();
    }

    private void readReady(ObjectFile file) {
        for (int chunk = 0; chunk < file.layout().chunks(); chunk++) {
            if (file.ready(chunk)) {
                ByteBuffer target = ByteBuffer.allocate(file.layout().length(chunk));
                file.read(file.layout().offset(chunk), target);
                Assertions.assertArrayEquals(
                        bytes(file, chunk), target.array(), "chunk " + chunk + " of " + file.object());
                Assertions.assertEquals(crc(target.array()), file.crc(chunk).orElseThrow());
                chunksChecked++;
            }
        }
    }

    /** A chunk that was not ready: that must have a reason. */
    private void noteBad(ObjectFile file, int chunk) {
        Set<Integer> kept = mustHave.getOrDefault(file.id(), Set.of());
        if (kept.contains(chunk)) {
            Assertions.assertTrue(
                    rotten.contains(file.id())
                            || io.broken.isPresent()
                            || flipped.getOrDefault(file.id(), Set.of()).contains(chunk),
                    () -> "chunk " + chunk + " of " + file.object() + " was lost");
            kept.remove(chunk);
            corruptFound++;
        }
        flipped.getOrDefault(file.id(), new HashSet<>()).remove(chunk);
    }

    private void checkKept(boolean mayEvict) {
        checkKept(mayEvict, inUse());
    }

    /** @param inUse objects that were held or leased: no part of them is evicted, nor of sealed files */
    private void checkKept(boolean mayEvict, Set<ObjectId> inUse) {
        for (ObjectId id : List.copyOf(mustHave.keySet())) {
            ObjectFile file = store.find(id).orElse(null);
            if (file == null) {
                Assertions.assertTrue(mayEvict || rotten.contains(id), () -> "object " + id + " was lost");
                mustHave.remove(id);
                if (flipped.remove(id) != null && exiles.contains(id)) {
                    rotten.add(id);
                }
                continue;
            }
            for (int chunk : List.copyOf(mustHave.get(id))) {
                // A crash may have hit right after the drop of a rotten chunk was logged.
                boolean rottenToo = rotten.contains(id)
                        || flipped.getOrDefault(id, Set.of()).contains(chunk);
                boolean evicted = mayEvict && !file.sealed() && !inUse.contains(id);
                Assertions.assertTrue(
                        file.has(chunk) || rottenToo || evicted, () -> "chunk " + chunk + " of " + id + " was lost");
                if (!file.has(chunk) && evicted) {
                    mustHave.get(id).remove(chunk);
                    flipped.getOrDefault(id, new HashSet<>()).remove(chunk);
                }
            }
            checkHoles(file);
        }
        for (Tier tier : store.tiers()) {
            Assertions.assertTrue(tier.surplus() || tier.usedBytes() <= tier.quotaBytes(), "quota");
        }
    }

    /** The tier is charged with every block that has bytes on disk. */
    private void checkHoles(ObjectFile file) {
        if (!tidy || file.layout().blocks() == 1) {
            return;
        }
        try {
            byte[] bytes = Files.readAllBytes(file.tier().dataPath(file.id()));
            for (int block = 0; block < file.layout().blocks(); block++) {
                int from = (int) file.layout().offset(ChunkLayout.firstChunk(block));
                int end = (int) (from + file.layout().blockLength(block));
                boolean hole = Arrays.equals(bytes, from, end, new byte[end - from], 0, end - from);
                int number = block;
                Assertions.assertTrue(file.covers(block) || hole, () -> "bytes in block " + number + ", not charged");
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void checkEverything() {
        try {
            store.files().forEach(this::readAll);
        } catch (FaultyTierIo.Crash e) {
            crashes++;
        }
    }

    private void flipSome() throws IOException {
        tidy = false;
        for (ObjectId id : mustHave.keySet()) {
            ObjectFile file = store.find(id).orElseThrow();
            if (random.nextInt(6) == 0) {
                int chunk = random.nextInt(file.layout().chunks());
                flip(
                        file.tier().dataPath(id),
                        file.layout().offset(chunk)
                                + random.nextInt(file.layout().length(chunk)));
                flipped.computeIfAbsent(id, key -> new HashSet<>()).add(chunk);
            } else if (random.nextInt(12) == 0) {
                Path meta = file.tier().metaPath(id);
                flip(meta, 12 + random.nextInt((int) (meta.toFile().length() - 12)));
                rotten.add(id);
            }
        }
    }

    private void flip(Path path, long position) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 1 << random.nextInt(8)));
            channel.write(one.flip(), position);
        }
    }

    private ByteBuffer scratch() {
        return ByteBuffer.allocate(1 + random.nextInt(2 * CHUNK_BYTES));
    }

    /** Never zero, so that a byte of a hole is seen. */
    private static byte[] bytes(ObjectFile file, int chunk) {
        byte[] bytes = new byte[file.layout().length(chunk)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (1 + Math.floorMod(file.object().hashCode() * 31 + chunk * 7 + i * 13, 255));
        }
        return bytes;
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        return (int) crc.getValue();
    }
}
