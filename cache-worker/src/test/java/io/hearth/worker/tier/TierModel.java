package io.hearth.worker.tier;

import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Assertions;

/** One random plan against one tier, with S3-FIFO if the seed is even, else LRU, and the oracle that knows which chunks must be there and what every byte is. */
final class TierModel {
    private static final int CHUNK_BYTES = 64;
    private static final int OBJECTS = 7;
    private static final int OBJECTS_FITTING = 4;
    private static final int PAGES_PER_OBJECT = 2;

    private final Random random;
    private final EvictionChoice eviction;
    private final Path directory;
    private final List<ObjectRef> objects = new ArrayList<>();
    private final Map<ObjectId, Set<Integer>> mustHave = new HashMap<>();
    private final Map<ObjectId, Set<Integer>> flipped = new HashMap<>();
    private final Set<ObjectId> rotten = new HashSet<>();
    private final List<ObjectFile> holders = new ArrayList<>();
    private final List<Lease> leases = new ArrayList<>();
    /** Files that an order dropped, or that were dropped because they were empty: their leases have no effect. */
    private final Set<ObjectFile> dropped = new HashSet<>();

    private FaultyTierIo io;
    private TierStore store;
    long chunksChecked;
    long crashes;
    long corruptFound;
    long leasesKept;
    long renewed;

    TierModel(long seed, Path directory) {
        this.random = new Random(seed);
        this.eviction = seed % 2 == 0 ? EvictionChoice.S3_FIFO : EvictionChoice.LRU;
        this.directory = directory;
        for (int i = 0; i < OBJECTS; i++) {
            objects.add(new ObjectRef("origin", "key-" + i, new Validator.LastModified(i), 1 + random.nextInt(400)));
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
                holders.clear();
                leases.clear();
                close();
                open();
                checkKept(true);
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
            store.evict(objects.stream().map(ObjectRef::id).toList());
            Assertions.assertEquals(0, store.tiers().get(0).usedBytes(), "bytes used by nothing");
            Assertions.assertEquals(0, store.tiers().get(0).heldBytes(), "bytes held by nobody");
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
        long pinned = store.files().stream()
                .filter(ObjectFile::pinned)
                .mapToLong(ObjectFile::chargeBytes)
                .sum();
        long zombies = Set.copyOf(holders).stream()
                .filter(file -> store.find(file.id()).filter(file::equals).isEmpty())
                .mapToLong(ObjectFile::chargeBytes)
                .sum();
        Tier tier = store.tiers().get(0);
        Assertions.assertEquals(zombies, tier.zombieBytes(), "evicted bytes that are still held");
        Assertions.assertEquals(pinned + zombies, tier.heldBytes(), "bytes held");
        long present = store.files().stream().mapToLong(ObjectFile::chargeBytes).sum();
        Assertions.assertEquals(present + zombies, tier.usedBytes(), "bytes used");
    }

    private void open() {
        boolean done = false;
        while (!done) {
            io = new FaultyTierIo(random, random.nextInt(90));
            try {
                store = TierStore.open(
                        List.of(new TierSpec(Medium.MEM, directory, OBJECTS_FITTING * PAGES_PER_OBJECT * 4096L)),
                        new TierEnvironment(io, TierEvents.NONE, Runnable::run, Clock.systemUTC(), CHUNK_BYTES, 2, 0),
                        () -> eviction.policy(3));
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
        store.close();
    }

    /** One random step; gives whether it may have evicted objects. A crash in a step that evicts may have, too. */
    private boolean step() throws IOException {
        ObjectRef object = objects.get(random.nextInt(OBJECTS));
        switch (random.nextInt(20)) {
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
                store.leaseOrCreate(object, object.id(), "default").ifPresent(leases::add);
                return true;
            case 13:
                store.lease(object.id()).ifPresent(leases::add);
                return false;
            case 14:
                leases.forEach(this::readBack);
                return false;
            case 15:
                store.find(object.id()).ifPresent(this::seal);
                return false;
            default:
                holders.forEach(this::readReady);
                store.find(object.id()).ifPresent(this::readAll);
                return false;
        }
    }

    private void seal(ObjectFile file) {
        if (file.hold()) {
            file.seal();
            Assertions.assertTrue(file.sealed());
            file.release();
        }
    }

    private void fill(ObjectRef object) {
        ObjectFile file = store.holdOrCreate(object, object.id(), "default").orElse(null);
        if (file == null) {
            Tier tier = store.tiers().get(0);
            long charge = Tier.chargeBytes(object.sizeBytes());
            Assertions.assertTrue(
                    io.diskFull || !tier.takes(object.id(), charge) || !tier.roomPossible(charge),
                    () -> "refused, though the room can be made: " + object);
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
                byte[] bytes = bytes(file, chunk);
                file.write(chunk, ByteBuffer.wrap(bytes), crc(bytes));
            }
            mustHave.computeIfAbsent(object.id(), id -> new TreeSet<>()).add(chunk);
        } catch (io.hearth.protocol.HearthException e) {
            Assertions.assertTrue(io.diskFull, () -> "only a full disk may refuse a write: " + e);
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

    /** What reads back right has the right bytes; a byte that changes under a verified chunk is found, and the chunk goes. */
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

    /** A condemned file is left as it is; the one that takes its place has every chunk that was good, if there is room. */
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
        for (ObjectId id : List.copyOf(mustHave.keySet())) {
            if (store.find(id).isEmpty()) {
                mustHave.remove(id);
                flipped.remove(id);
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
                            || flipped.getOrDefault(file.id(), Set.of()).contains(chunk),
                    () -> "chunk " + chunk + " of " + file.object() + " was lost");
            kept.remove(chunk);
            corruptFound++;
        }
        flipped.getOrDefault(file.id(), new HashSet<>()).remove(chunk);
    }

    private void checkKept(boolean mayEvict) {
        for (ObjectId id : List.copyOf(mustHave.keySet())) {
            ObjectFile file = store.find(id).orElse(null);
            if (file == null) {
                Assertions.assertTrue(mayEvict || rotten.contains(id), () -> "object " + id + " was lost");
                mustHave.remove(id);
                flipped.remove(id);
                continue;
            }
            for (int chunk : List.copyOf(mustHave.get(id))) {
                // A crash may have hit right after the drop of a rotten chunk was logged.
                boolean rottenToo = rotten.contains(id)
                        || flipped.getOrDefault(id, Set.of()).contains(chunk);
                Assertions.assertTrue(file.has(chunk) || rottenToo, () -> "chunk " + chunk + " of " + id + " was lost");
            }
        }
        Assertions.assertTrue(store.tiers().get(0).usedBytes() <= OBJECTS_FITTING * PAGES_PER_OBJECT * 4096L, "quota");
    }

    private void checkEverything() {
        try {
            store.files().forEach(this::readAll);
        } catch (FaultyTierIo.Crash e) {
            crashes++;
        }
    }

    private void flipSome() throws IOException {
        for (ObjectId id : mustHave.keySet()) {
            String name = id.toString();
            Path base = directory.resolve("objects").resolve(name.substring(0, 2));
            if (random.nextInt(6) == 0) {
                ObjectFile file = store.find(id).orElseThrow();
                int chunk = random.nextInt(file.layout().chunks());
                flip(
                        base.resolve(name + ".data"),
                        file.layout().offset(chunk)
                                + random.nextInt(file.layout().length(chunk)));
                flipped.computeIfAbsent(id, key -> new HashSet<>()).add(chunk);
            } else if (random.nextInt(12) == 0) {
                Path meta = base.resolve(name + ".meta");
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
