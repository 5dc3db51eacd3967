package io.hearth.worker.integrity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.Geometry;
import io.hearth.protocol.ObjectRef;
import io.hearth.worker.FakeOrigin;
import io.hearth.worker.integrity.DescriptorGrants.Grant;
import io.hearth.worker.tier.EvictionChoice;
import io.hearth.worker.tier.FileTierIo;
import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierEnvironment;
import io.hearth.worker.tier.TierEvents;
import io.hearth.worker.tier.TierSpec;
import io.hearth.worker.tier.TierStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptorGrantsTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private final List<ObjectFile> unverified = new ArrayList<>();
    private TierStore store;

    @BeforeEach
    void open() {
        store = TierStore.open(
                List.of(
                        new TierSpec(Medium.MEM, directory.resolve("mem"), 10L * MIB),
                        new TierSpec(Medium.SSD, directory.resolve("ssd"), 20L * MIB)),
                TierEnvironment.of(new FileTierIo(), TierEvents.NONE, Runnable::run, Clock.systemUTC(), 10, 1000),
                () -> EvictionChoice.S3_FIFO.policy(100));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void onlyAWholeFileIsHandedOutAndItIsSealed() {
        DescriptorGrants grants = new DescriptorGrants(store, 50, 80, unverified::add);
        ObjectFile file = file("a", 2);
        fill(file, 0);
        assertTrue(grant(grants, file).isEmpty());
        assertFalse(file.held());
        fill(file, 1);
        Grant grant = grant(grants, file).orElseThrow();
        assertTrue(file.sealed() && file.held());
        grant.close();
        grant.close();
        assertFalse(file.held());
        assertEquals(0, grants.bytes());
    }

    @Test
    void memoryUnderDescriptorsStaysWithinItsShareAndAFileCountsOnce() {
        DescriptorGrants grants = new DescriptorGrants(store, 50, 80, unverified::add);
        ObjectFile first = whole("first", 3);
        ObjectFile second = whole("second", 3);
        Grant one = grant(grants, first).orElseThrow();
        Grant two = grant(grants, first).orElseThrow();
        assertEquals(3L * MIB, grants.bytes());
        assertTrue(grant(grants, second).isEmpty(), "6 MiB of 10 is more than half");
        assertFalse(second.held());
        one.close();
        assertTrue(grant(grants, second).isEmpty(), "the other grant still holds the first");
        two.close();
        grant(grants, second).orElseThrow().close();
        ObjectFile onDisk = whole("on-disk", 15);
        assertEquals(Medium.SSD, onDisk.tier().spec().medium());
        grant(grants, onDisk).orElseThrow().close();
    }

    @Test
    void readersWhoLetGoWhenAskedMayHaveMoreOfIt() {
        DescriptorGrants grants = new DescriptorGrants(store, 50, 80, unverified::add);
        ObjectFile first = whole("first", 3);
        ObjectFile second = file("second", 4);
        ObjectFile third = file("third", 2);
        Grant one = grants.grantRanges(first).orElseThrow();
        Grant two = grants.grantRanges(second).orElseThrow();
        assertTrue(grants.grantRanges(third).isEmpty(), "9 MiB of 10 is more than 80 %");
        Grant kernel = grant(grants, first).orElseThrow();
        assertEquals(7L * MIB, grants.bytes(), "a file counts once");
        two.close();
        Grant three = grants.grantRanges(third).orElseThrow();
        fill(third, 0);
        fill(third, 1);
        assertTrue(grant(grants, third).isPresent(), "5 MiB of whole files is half");
        ObjectFile small = whole("small", 1);
        assertTrue(grants.grantRanges(small).isPresent());
        assertTrue(grant(grants, small).isEmpty(), "6 MiB of whole files is more than half");
        one.close();
        kernel.close();
        three.close();
    }

    @Test
    void anEvictedFileUnderADescriptorIsAZombieUntilItsHolderLetsGo() {
        DescriptorGrants grants = new DescriptorGrants(store, 50, 80, unverified::add);
        ObjectFile file = whole("a", 3);
        Grant grant = grant(grants, file).orElseThrow();
        store.evict(Set.of(file.id()));
        assertEquals(3L * MIB, file.tier().zombieBytes());
        assertEquals(3L * MIB, grants.bytes());
        assertTrue(grant(grants, file).isEmpty(), "no new descriptor of a file that left");
        grant.close();
        assertEquals(0, file.tier().zombieBytes());
        assertEquals(0, grants.bytes());
    }

    private static Optional<Grant> grant(DescriptorGrants grants, ObjectFile file) {
        Optional<Grant> grant = grants.grantRanges(file);
        boolean kept = grant.filter(Grant::forKernel).isPresent();
        if (!kept) {
            grant.ifPresent(Grant::close);
        }
        return kept ? grant : Optional.empty();
    }

    private ObjectFile whole(String key, int mebibytes) {
        ObjectFile file = file(key, mebibytes);
        for (int chunk = 0; chunk < mebibytes; chunk++) {
            fill(file, chunk);
        }
        return file;
    }

    private ObjectFile file(String key, int mebibytes) {
        ObjectRef object = FakeOrigin.object(key, (long) mebibytes * MIB);
        ObjectFile file = store.holdOrCreate(object, object.id(), "ns").orElseThrow();
        file.release();
        return file;
    }

    private void fill(ObjectFile file, int chunk) {
        assertTrue(store.hold(file));
        byte[] bytes = FakeOrigin.expected(file.object(), Geometry.chunkOffset(chunk), MIB);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        file.write(chunk, ByteBuffer.wrap(bytes), (int) crc.getValue());
        file.release();
    }
}
