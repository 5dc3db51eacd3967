package io.hearth.worker.descriptor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.worker.FakeOrigin;
import io.hearth.worker.tier.EvictionChoice;
import io.hearth.worker.tier.FileTierIo;
import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierEnvironment;
import io.hearth.worker.tier.TierEvents;
import io.hearth.worker.tier.TierSpec;
import io.hearth.worker.tier.TierStore;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelKeeperTest {
    private static final int ALICE = 1000;
    private static final int BOB = 1001;
    private static final TierViews VIEWS = file -> ReadOnlyDescriptor.of(file.channel());

    /** Descriptors by number are calls of Netty's native part, which no other class of the test loads. */
    @BeforeAll
    static void nativeCalls() {
        assumeTrue(Epoll.isAvailable(), "there is no epoll");
    }

    @TempDir
    Path directory;

    private final Kernel kernel = new Kernel();

    /** Numbers files as the kernel does, never twice. */
    private static final class Kernel implements Backing {
        private final Set<Integer> kept = new TreeSet<>();
        private int last;
        private int errno;

        @Override
        public int open(int device, int file) {
            if (errno != 0) {
                return -errno;
            }
            kept.add(++last);
            return last;
        }

        @Override
        public int close(int device, int id) {
            return kept.remove(id) ? 0 : -2;
        }
    }

    private KernelKeeper keeper(int filesMax) {
        return new KernelKeeper(kernel, Optional.of(VIEWS), new KeepSettings(filesMax));
    }

    @Test
    void onlyADescriptorOfTheFuseDeviceIsTakenAndAnyOtherIsClosed() throws IOException {
        PeerFiles peer = keeper(5).peer(ALICE, PeerLife.UNKNOWN);
        Path plain = Files.createFile(directory.resolve("plain"));
        for (String path : List.of("/dev/null", "/dev/zero", plain.toString())) {
            FileDescriptor other = FileDescriptor.from(path);
            HearthException refused = assertThrows(HearthException.class, () -> peer.device(other));
            assertEquals(FailureKind.DENIED, refused.kind());
            assertFalse(other.isOpen(), path);
        }
        FileDescriptor fuse = fuse();
        peer.device(fuse);
        assertTrue(fuse.isOpen());
        peer.end();
        assertFalse(fuse.isOpen());
    }

    @Test
    void aUserHasSoManyFilesOverAllConnectionsAndOthersHaveTheirOwn() throws IOException {
        KernelKeeper keeper = keeper(2);
        PeerFiles first = peer(keeper, ALICE);
        PeerFiles second = peer(keeper, ALICE);
        PeerFiles other = peer(keeper, BOB);
        try (TierStore store = store()) {
            ObjectFile file = file(store);
            int one = first.keep(1, file);
            assertEquals(one, first.keep(1, file), "one for each grant");
            second.keep(2, file);
            HearthException refused = assertThrows(HearthException.class, () -> first.keep(3, file));
            assertEquals(FailureKind.OVERLOADED, refused.kind());
            assertTrue(other.keep(4, file) > 0);
            assertEquals(3, keeper.files().all());
            second.letGo(2);
            second.letGo(2);
            assertTrue(first.keep(3, file) > 0);
            file.release();
        }
        assertEquals(3, kernel.kept.size());
        List.of(first, second, other).forEach(PeerFiles::end);
        assertEquals(Set.of(), kernel.kept);
        assertEquals(0, keeper.files().all());
    }

    @Test
    void whatTheKernelRefusesIsToldAndNotCounted() throws IOException {
        KernelKeeper keeper = keeper(1);
        PeerFiles peer = peer(keeper, ALICE);
        try (TierStore store = store()) {
            ObjectFile file = file(store);
            kernel.errno = 40;
            assertEquals(-40, peer.keep(1, file));
            assertEquals(0, keeper.files().all());
            kernel.errno = 0;
            assertTrue(peer.keep(1, file) > 0);
            file.release();
        }
        peer.end();
    }

    @Test
    void idsOutliveAWorkerThatEndsAndItsNextLifeEndsThem() throws IOException {
        KernelKeeper keeper = keeper(5);
        PeerFiles peer = peer(keeper, ALICE);
        int id;
        try (TierStore store = store()) {
            ObjectFile file = file(store);
            id = peer.keep(1, file);
            file.release();
        }
        keeper.end();
        peer.end();
        assertEquals(Set.of(id), kernel.kept);
        PeerFiles again = peer(keeper(5), ALICE);
        assertEquals(0, again.unkeep(id));
        assertEquals(-2, again.unkeep(id), "it is gone");
        assertEquals(Set.of(), kernel.kept);
        again.end();
    }

    @Test
    void whatAProcessLeftIsEndedByItsNextConnectionAndCountsUntilThen() throws IOException {
        KernelKeeper keeper = keeper(2);
        PeerFiles left = peer(keeper, ALICE, process(7));
        PeerFiles others = peer(keeper, ALICE, process(8));
        try (TierStore store = store()) {
            ObjectFile file = file(store);
            int one = left.keep(1, file);
            int two = left.keep(2, file);
            file.release();
            keeper.left().add(7, left);
            PeerFiles next = peer(keeper, ALICE, process(7));
            assertTrue(file.tryHold());
            assertThrows(HearthException.class, () -> next.keep(3, file), "two are kept");
            assertEquals(0, others.unkeep(one), "of its own mount, by the same number");
            kernel.kept.add(one);
            assertEquals(2, keeper.files().all());
            assertEquals(0, next.unkeep(one));
            assertEquals(1, keeper.files().all());
            assertFalse(left.none());
            assertEquals(0, next.unkeep(two));
            assertTrue(left.none());
            assertTrue(next.keep(3, file) > 0);
            file.release();
            List.of(left, others, next).forEach(PeerFiles::end);
            assertFalse(file.held());
        }
    }

    @Test
    void ofTwoMountsOfOneProcessNothingIsTakenForTheOthers() throws IOException {
        KernelKeeper keeper = keeper(5);
        PeerFiles one = peer(keeper, ALICE, process(7));
        PeerFiles other = peer(keeper, ALICE, process(7));
        try (TierStore store = store()) {
            ObjectFile file = file(store);
            int id = one.keep(1, file);
            kernel.last = 0; // Each mount has its own numbers.
            assertEquals(id, other.keep(2, file));
            keeper.left().add(7, one);
            keeper.left().add(7, other);
            keeper.left().ended(7, id);
            assertEquals(2, keeper.files().all());
            keeper.left().remove(7, other);
            keeper.left().ended(7, id);
            assertTrue(one.none());
            assertFalse(other.none());
            file.release();
            keeper.close();
            other.end();
        }
    }

    private static PeerLife process(long number) {
        return new PeerLife() {
            @Override
            public boolean over() {
                return false;
            }

            @Override
            public long number() {
                return number;
            }
        };
    }

    @Test
    void onlyRootOfTheFirstUserNamespaceMayAsk() throws IOException {
        assertTrue(mayAsk("         0          0 4294967295\n", "CapEff:\t000001ffffffffff"));
        assertTrue(mayAsk("0 0 4294967295", "CapEff:\t0000000000200000"));
        assertFalse(mayAsk("0 0 4294967295", "CapEff:\t00000000ffdfffff"), "all but that one");
        assertFalse(mayAsk("0 1000 1", "CapEff:\t000001ffffffffff"), "root of another namespace");
        assertFalse(mayAsk("0 0 4294967295", "CapEff:\tnonsense"));
        assertFalse(mayAsk("0 0 4294967295", "CapPrm:\t000001ffffffffff"));
        assertFalse(KernelKeeper.mayAsk(directory.resolve("gone")));
        assertFalse(keeper(0).serves());
        assertFalse(new KernelKeeper(kernel, Optional.empty(), new KeepSettings(5)).serves());
    }

    private boolean mayAsk(String uidMap, String capabilities) throws IOException {
        Path process = Files.createDirectories(directory.resolve("process"));
        Files.writeString(process.resolve("uid_map"), uidMap);
        Files.writeString(process.resolve("status"), "Name:\tjava\n" + capabilities + "\nSeccomp:\t0\n");
        return KernelKeeper.mayAsk(process);
    }

    private PeerFiles peer(KernelKeeper keeper, int user) throws IOException {
        return peer(keeper, user, PeerLife.UNKNOWN);
    }

    private PeerFiles peer(KernelKeeper keeper, int user, PeerLife process) throws IOException {
        PeerFiles peer = keeper.peer(user, process);
        peer.device(fuse());
        return peer;
    }

    private static FileDescriptor fuse() throws IOException {
        assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "there is no /dev/fuse, or only others may open it");
        return FileDescriptor.from("/dev/fuse");
    }

    private TierStore store() {
        return TierStore.open(
                List.of(new TierSpec(Medium.SSD, directory.resolve("tier"), 1 << 20)),
                TierEnvironment.of(new FileTierIo(), TierEvents.NONE, Runnable::run, Clock.systemUTC(), 10, 1000),
                () -> EvictionChoice.S3_FIFO.policy(100));
    }

    /** Held. */
    private static ObjectFile file(TierStore store) {
        var object = FakeOrigin.object("a", 1000);
        return store.holdOrCreate(object, object.id(), "default").orElseThrow();
    }
}
