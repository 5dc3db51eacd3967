package io.hearth.worker.descriptor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Has the kernel keep the worker's files for mounts which may not ask themselves, so many for each user: what is kept
 * is shown by no list of open files. Thread-safe.
 */
public final class KernelKeeper {
    private static final int CAP_SYS_ADMIN = 21;

    /**
     * Of one user at once: each takes a thread, which the kernel does not give back if the device never becomes a
     * mount's.
     */
    private static final int REQUESTS_MAX = 8;

    /** Of the first user namespace, which is the one that counts. */
    private static final String ALL_USERS = "0 0 4294967295";

    private final Backing backing;
    private final boolean may;
    private final int filesMax;
    private final UserCounts files;
    private final UserCounts requests = new UserCounts(REQUESTS_MAX, "too many files are being kept now");
    private volatile boolean ending;

    KernelKeeper(Backing backing, boolean may, KeepSettings settings) {
        this.backing = backing;
        this.may = may;
        this.filesMax = settings.filesMax();
        this.files = new UserCounts(filesMax, "the kernel keeps all of worker.passthrough-files");
    }

    /** With the rights of this process. */
    public static KernelKeeper of(KeepSettings settings, DescriptorMetrics metrics) {
        KernelKeeper keeper = new KernelKeeper(new DeviceBacking(), mayAsk(Path.of("/proc/self")), settings);
        metrics.watchKept(keeper.files()::all);
        return keeper;
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
        return may && filesMax > 0;
    }

    /** What is kept for one connection of that user. */
    PeerFiles peer(int user) {
        return new PeerFiles(this, user);
    }

    Backing backing() {
        return backing;
    }

    /** Files that are kept. */
    UserCounts files() {
        return files;
    }

    /** Requests that are being answered, a thread each. */
    UserCounts requests() {
        return requests;
    }

    int filesMax() {
        return filesMax;
    }

    /** The worker ends, and its peers do not: what the kernel keeps for them outlives it, as their descriptors do. */
    void end() {
        ending = true;
    }

    boolean ending() {
        return ending;
    }
}
