package io.hearth.worker.descriptor;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.worker.tier.ObjectFile;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files that the kernel keeps for one connection's mount, an id for each grant, and the mount's device by which
 * they are kept. Thread-safe; blocks.
 */
final class PeerFiles {
    /** {@code S_IFMT} and {@code S_IFCHR}. */
    private static final int TYPE_MASK = 0170000;

    private static final int CHARACTER_DEVICE = 0020000;

    /** {@code /dev/fuse}: major 10, minor 229, as {@code stat(2)} puts them together. */
    private static final long FUSE = 10 << 8 | 229;

    private final KernelKeeper keeper;
    private final int user;
    private final PeerLife process;
    private final Map<Long, Kept> ids = new ConcurrentHashMap<>();
    private Optional<FileDescriptor> device = Optional.empty();
    private boolean ended;

    /**
     * @param id by which opens name it
     * @param file held: what the kernel keeps takes room, also when it has left its tier
     */
    private record Kept(int id, ObjectFile file) {}

    PeerFiles(KernelKeeper keeper, int user, PeerLife process) {
        this.keeper = keeper;
        this.user = user;
        this.process = process;
    }

    /**
     * Takes over the descriptor of the peer's device; nothing is ever read from it or written to it.
     *
     * @throws HearthException {@link FailureKind#DENIED} if it is of anything else; it is closed then
     */
    synchronized void device(FileDescriptor came) {
        boolean taken = false;
        try {
            if (!isFuse(came)) {
                throw new HearthException(FailureKind.DENIED, "the descriptor that came is not of /dev/fuse");
            }
            taken = device.isEmpty() && !ended;
            if (taken) {
                device = Optional.of(came);
            }
        } finally {
            if (!taken) {
                close(came);
            }
        }
    }

    private static boolean isFuse(FileDescriptor came) {
        try {
            Map<String, Object> stat =
                    Files.readAttributes(Path.of("/proc/self/fd/" + came.intValue()), "unix:mode,rdev");
            return ((Integer) stat.get("mode") & TYPE_MASK) == CHARACTER_DEVICE
                    && stat.get("rdev").equals(FUSE);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Has the kernel keep a file until {@link #letGo}; once more gives the same id.
     *
     * @return its id, or an errno, negative
     * @throws HearthException {@link FailureKind#OVERLOADED} past the user's bound; also if the file has left its tier
     */
    synchronized int keep(long grant, ObjectFile file) {
        Kept known = ids.get(grant);
        if (known != null) {
            return known.id();
        }
        int number = number();
        keeper.files().take(user);
        int id = -Backing.EPERM;
        try (ReadOnlyDescriptor open = keeper.views().open(file)) {
            id = keeper.backing().open(number, open.number());
            if (id > 0) {
                file.retain();
                ids.put(grant, new Kept(id, file));
            }
            return id;
        } finally {
            if (id <= 0) {
                keeper.files().give(user);
            }
        }
    }

    /** Ends the id of a grant, if it has one. */
    synchronized void letGo(long grant) {
        Kept kept = ids.remove(grant);
        if (kept != null) {
            keeper.backing().close(number(), kept.id());
            gone(kept);
        }
    }

    private void gone(Kept kept) {
        keeper.files().give(user);
        kept.file().release();
    }

    /**
     * Ends an id of the peer's mount that is no grant's: of an earlier life, or of a connection that broke. Gives 0, or
     * an errno, negative.
     */
    int unkeep(int id) {
        int result;
        synchronized (this) {
            if (has(id)) {
                return 0;
            }
            result = keeper.backing().close(number(), id);
        }
        if (result == 0) {
            keeper.left().ended(process.number(), id);
        }
        return result;
    }

    /** Whether the id is of a grant here. */
    boolean has(int id) {
        return ids.values().stream().anyMatch(kept -> kept.id() == id);
    }

    /** Whether nothing is kept. */
    boolean none() {
        return ids.isEmpty();
    }

    /** Somebody else has ended the id. */
    synchronized void ended(int id) {
        ids.forEach((grant, kept) -> {
            if (kept.id() == id && ids.remove(grant, kept)) {
                gone(kept);
            }
        });
    }

    private int number() {
        return device.orElseThrow(() -> new HearthException(FailureKind.UNAVAILABLE, "the mount's device is gone"))
                .intValue();
    }

    /** Ends all ids, unless it is the worker that ends, and lets the device go. */
    synchronized void end() {
        ended = true;
        ids.forEach((grant, kept) -> {
            if (ids.remove(grant, kept)) {
                if (!keeper.ending()) {
                    keeper.backing().close(number(), kept.id());
                }
                gone(kept);
            }
        });
        device.ifPresent(PeerFiles::close);
        device = Optional.empty();
    }

    static void close(FileDescriptor descriptor) {
        try {
            descriptor.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}
