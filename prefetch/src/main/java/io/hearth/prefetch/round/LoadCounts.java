package io.hearth.prefetch.round;

import io.hearth.prefetch.target.WantedFiles;
import io.hearth.protocol.api.LoadPhase;
import io.hearth.protocol.api.LoadShare.Stage;
import io.hearth.protocol.api.LoadShare.Status;
import io.hearth.protocol.api.LoadStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.roaringbitmap.RoaringBitmap;

/** How far a load is, from the last answers of its shares. Used by the load's thread alone. */
public final class LoadCounts {
    private final WantedFiles files;
    private final RateMeter rate = new RateMeter();
    private final Tally resident;
    private final Tally verified;
    private List<Share> shares = List.of();
    private long originBytesOfEarlierRounds;
    private long givenUpFiles;
    private LoadPhase phase = LoadPhase.PENDING;

    /** @param originBytes that rounds in an earlier life of the engine fetched */
    public LoadCounts(WantedFiles files, long originBytes) {
        this.files = files;
        this.originBytesOfEarlierRounds = originBytes;
        this.resident = new Tally(files.count());
        this.verified = new Tally(files.count());
    }

    /** Files of which something is still missing, counted by the shares that have not all of it. */
    private static final class Tally {
        private final short[] missing;
        private int filesMissing;

        Tally(int files) {
            missing = new short[files];
        }

        void clear() {
            Arrays.fill(missing, (short) 0);
            filesMissing = 0;
        }

        void lacks(int file) {
            if (missing[file]++ == 0) {
                filesMissing++;
            }
        }

        void has(int file) {
            if (--missing[file] == 0) {
                filesMissing--;
            }
        }

        void move(Share share, RoaringBitmap before, RoaringBitmap now) {
            for (int item : RoaringBitmap.xor(before, now)) {
                int file = share.planned().files()[item];
                if (now.contains(item)) {
                    has(file);
                } else {
                    lacks(file);
                }
            }
        }
    }

    /** A round begins: nothing is known of its shares. */
    public void begin(List<Share> roundShares, long givenUp) {
        originBytesOfEarlierRounds += sum(Share::originBytes);
        givenUpFiles = givenUp;
        shares = roundShares;
        resident.clear();
        verified.clear();
        for (Share share : shares) {
            for (int file : share.planned().files()) {
                resident.lacks(file);
                verified.lacks(file);
            }
        }
    }

    /** A share has changed; {@code change} makes it so. */
    public void change(Share share, Runnable change) {
        RoaringBitmap residentBefore = share.resident();
        RoaringBitmap verifiedBefore = share.verified();
        change.run();
        resident.move(share, residentBefore, share.resident());
        verified.move(share, verifiedBefore, share.verified());
    }

    /** {@code Verifying} once every share is past its fill. */
    public LoadPhase phase() {
        boolean filled = shares.stream()
                .filter(share -> share.givenUp().isEmpty())
                .allMatch(share -> share.stage()
                        .filter(stage -> stage.compareTo(Stage.FILLED) >= 0)
                        .isPresent());
        return filled ? LoadPhase.VERIFYING : LoadPhase.RUNNING;
    }

    /** Notes the time for the rate of what the phase is about. */
    public void tick(long nowNanos) {
        LoadPhase now = phase();
        if (now != phase) {
            rate.reset();
            phase = now;
        }
        rate.at(nowNanos, now == LoadPhase.VERIFYING ? bytes().verified() : bytes().resident());
    }

    public long bytesPerSecond() {
        return rate.bytesPerSecond();
    }

    public LoadStatus.Files files(long failed) {
        long there = files.count() - givenUpFiles;
        return new LoadStatus.Files(
                files.count(), there - resident.filesMissing, there - verified.filesMissing, failed);
    }

    public LoadStatus.Bytes bytes() {
        return new LoadStatus.Bytes(
                files.bytes(),
                sumOf(Status::residentBytes),
                sumOf(Status::verifiedBytes),
                sumOf(Status::inFlightBytes));
    }

    public Map<String, Long> sources() {
        long there = bytes().resident();
        long origin = Math.min(there, originBytesOfEarlierRounds + sum(Share::originBytes));
        return new TreeMap<>(Map.of(LoadStatus.ORIGIN, origin, LoadStatus.TIER, there - origin));
    }

    public List<LoadStatus.WorkerPart> workers() {
        Map<String, LoadStatus.WorkerPart> parts = new TreeMap<>();
        for (Share share : shares) {
            LoadStatus.WorkerPart part = new LoadStatus.WorkerPart(
                    share.worker().id(),
                    share.planned().bytes(),
                    share.status().map(Status::residentBytes).orElse(0L),
                    share.status().map(Status::verifiedBytes).orElse(0L));
            parts.merge(
                    part.worker(),
                    part,
                    (one, other) -> new LoadStatus.WorkerPart(
                            one.worker(),
                            one.totalBytes() + other.totalBytes(),
                            one.residentBytes() + other.residentBytes(),
                            one.verifiedBytes() + other.verifiedBytes()));
        }
        return List.copyOf(parts.values());
    }

    /** Grows with whatever is a step forward: a load in which it stands still is stuck. */
    long steps() {
        return bytes().resident()
                + bytes().verified()
                + shares.stream()
                        .mapToLong(share -> share.stage().map(Enum::ordinal).orElse(0))
                        .sum();
    }

    private long sum(ToLongFunction<Share> figure) {
        return shares.stream().mapToLong(figure).sum();
    }

    private long sumOf(ToLongFunction<Status> figure) {
        return sum(share -> share.status().map(figure::applyAsLong).orElse(0L));
    }
}
