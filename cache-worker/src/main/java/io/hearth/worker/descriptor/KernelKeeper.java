package io.hearth.worker.descriptor;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.worker.tier.Tier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the kernel keep the worker's files for mounts which may not ask themselves, so many for each user: what is kept
 * is shown by no list of open files. They are kept as read through mounts that only read: who has an id could else open
 * the file for writing. Thread-safe.
 */
public final class KernelKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KernelKeeper.class);
    private static final int CAP_SYS_ADMIN = 21;

    /**
     * Of one user at once: each takes a thread, which the kernel does not give back if the device never becomes a
     * mount's.
     */
    private static final int REQUESTS_MAX = 8;

    /** Of the first user namespace, which is the one that counts. */
    private static final String ALL_USERS = "0 0 4294967295";

    private final Backing backing;
    private final Optional<TierViews> views;
    private final int filesMax;
    private final UserCounts files;
    private final UserCounts requests = new UserCounts(REQUESTS_MAX, "too many files are being kept now");
    private final LeftFiles left = new LeftFiles();
    private volatile boolean ending;

    /** @param views empty if this process may not ask, or could not do so without harm */
    KernelKeeper(Backing backing, Optional<TierViews> views, KeepSettings settings) {
        this.backing = backing;
        this.views = views;
        this.filesMax = settings.filesMax();
        this.files = new UserCounts(filesMax, "the kernel keeps all of worker.passthrough-files");
    }

    /** With the rights of this process; the caller owns it, and closes it after all peers are gone. */
    public static KernelKeeper of(KeepSettings settings, DescriptorMetrics metrics, List<Tier> tiers) {
        Optional<TierViews> views =
                settings.filesMax() > 0 && mayAsk(Path.of("/proc/self")) ? views(tiers) : Optional.empty();
        KernelKeeper keeper = new KernelKeeper(new DeviceBacking(), views, settings);
        metrics.watchKept(keeper.files()::all, keeper::serves);
        return keeper;
    }

    private static Optional<TierViews> views(List<Tier> tiers) {
        try {
            return Optional.of(new MountedViews(tiers));
        } catch (HearthException e) {
            LOG.warn("the kernel is asked to read no files for mounts that may not ask it: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Whether the process whose part of {@code /proc} this is has {@code CAP_SYS_ADMIN} in the first user namespace.
     */
    static boolean mayAsk(Path process) {
        try {
            String map = Files.readString(process.resolve("uid_map"), StandardCharsets.US_ASCII);
            return map.strip().replaceAll("\\s+", " ").equals(ALL_USERS)
                    && Files.readString(process.resolve("status"), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> line.startsWith("CapEff:"))
                            .anyMatch(line -> (Long.parseUnsignedLong(
                                                            line.substring("CapEff:".length())
                                                                    .strip(),
                                                            16)
                                                    >>> CAP_SYS_ADMIN
                                            & 1)
                                    == 1);
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }

    /** Whether anybody is served. */
    boolean serves() {
        return views.isPresent() && filesMax > 0;
    }

    /** What is kept for one connection of that user. */
    PeerFiles peer(int user, PeerLife process) {
        return new PeerFiles(this, user, process);
    }

    /** What is kept for processes whose connection broke. */
    LeftFiles left() {
        return left;
    }

    Backing backing() {
        return backing;
    }

    TierViews views() {
        return views.orElseThrow(() -> new HearthException(FailureKind.UNAVAILABLE, "this worker keeps no files"));
    }

    /** Files that are kept. */
    UserCounts files() {
        return files;
    }

    /** Requests that are being answered, a thread each. */
    UserCounts requests() {
        return requests;
    }

    /** The worker ends, and its peers do not: what the kernel keeps for them outlives it, as their descriptors do. */
    void end() {
        ending = true;
    }

    boolean ending() {
        return ending;
    }

    @Override
    public void close() {
        end();
        left.endAll();
        views.ifPresent(TierViews::close);
    }
}
