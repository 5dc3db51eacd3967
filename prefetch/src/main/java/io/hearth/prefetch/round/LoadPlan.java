package io.hearth.prefetch.round;

import io.hearth.prefetch.target.WantedFiles;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.Geometry;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Placement;
import io.hearth.protocol.api.LoadShare;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.api.WorkerRegistration.TierUse;
import io.hearth.protocol.settings.DataSize;
import io.hearth.protocol.wire.ResidencyReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.roaringbitmap.RoaringBitmap;

/**
 * Which worker is to hold which blocks: the first of each block in the order of {@link Placement}, where readers look
 * for it, as many as the file has replicas. A share's items are computed when they are sent, not kept.
 */
public final class LoadPlan {
    private final WantedFiles files;
    private final RoaringBitmap without;
    private final List<WorkerRegistration> workers;
    private final Map<String, Long> identities = new HashMap<>();
    private final List<PlannedShare> shares = new ArrayList<>();

    /** What one worker gets of a run of files. */
    private static final class Draft {
        private final WorkerRegistration worker;
        private final List<Integer> files = new ArrayList<>();
        private final List<LoadShare.Item> items = new ArrayList<>();
        private long bytes;

        Draft(WorkerRegistration worker) {
            this.worker = worker;
        }

        void add(int file, ObjectRef object, Optional<RoaringBitmap> blocks) {
            files.add(file);
            items.add(new LoadShare.Item(
                    object.origin(),
                    object.key(),
                    object.validator().text(),
                    object.sizeBytes(),
                    blocks.map(ResidencyReport::bitmapBytes)));
            bytes += blocks.map(some -> blockBytes(some, object.sizeBytes())).orElse(object.sizeBytes());
        }

        private static long blockBytes(RoaringBitmap blocks, long sizeBytes) {
            long bytes = 0;
            for (int block : blocks) {
                bytes += Geometry.blockLength(block, sizeBytes);
            }
            return bytes;
        }
    }

    private LoadPlan(WantedFiles files, RoaringBitmap without, List<WorkerRegistration> workers) {
        this.files = files;
        this.without = without;
        this.workers = workers;
        workers.forEach(worker -> identities.put(worker.id(), Placement.identity(worker.id())));
    }

    /**
     * Blocks: reads the files' objects.
     *
     * @param without files that are given up
     * @param workers at least one
     * @throws HearthException as {@link #requireRoom}
     */
    public static LoadPlan of(WantedFiles files, RoaringBitmap without, List<WorkerRegistration> workers) {
        requireReplicas(files, workers);
        LoadPlan plan = new LoadPlan(files, without, workers);
        for (int from = 0; from < files.count(); from += LoadShare.ITEMS_MAX) {
            int to = Math.min(files.count(), from + LoadShare.ITEMS_MAX);
            for (Draft draft : plan.draft(from, to).values()) {
                plan.shares.add(new PlannedShare(
                        draft.worker,
                        from,
                        to,
                        draft.files.stream().mapToInt(Integer::intValue).toArray(),
                        draft.bytes));
            }
        }
        plan.requireRoom();
        return plan;
    }

    List<PlannedShare> shares() {
        return shares;
    }

    /** The items of a share of this plan. Blocks. */
    List<LoadShare.Item> items(PlannedShare share) {
        return draft(share.from(), share.to()).get(share.worker().id()).items;
    }

    private Map<String, Draft> draft(int from, int to) {
        Map<String, Draft> drafts = new TreeMap<>();
        WantedFiles.Reader reader = files.reader();
        for (int file = from; file < to; file++) {
            if (files.sizeBytes(file) > 0 && !without.contains(file)) { // Nobody reads bytes of an empty file.
                place(drafts, file, reader.object(file));
            }
        }
        return drafts;
    }

    private void place(Map<String, Draft> drafts, int file, ObjectRef object) {
        if (workers.size() == files.replicas(file)) {
            workers.forEach(worker -> draftOf(drafts, worker).add(file, object, Optional.empty()));
            return;
        }
        Map<WorkerRegistration, RoaringBitmap> blocks = new HashMap<>();
        for (int block = 0; block < Geometry.blocks(object.sizeBytes()); block++) {
            List<WorkerRegistration> order =
                    Placement.order(object.id(), block, workers, worker -> identities.get(worker.id()));
            for (WorkerRegistration worker : order.subList(0, files.replicas(file))) {
                blocks.computeIfAbsent(worker, none -> new RoaringBitmap()).add(block);
            }
        }
        blocks.forEach((worker, some) -> draftOf(drafts, worker).add(file, object, Optional.of(some)));
    }

    private static Draft draftOf(Map<String, Draft> drafts, WorkerRegistration worker) {
        return drafts.computeIfAbsent(worker.id(), id -> new Draft(worker));
    }

    private static void requireReplicas(WantedFiles files, List<WorkerRegistration> workers) {
        if (files.replicasMax() > workers.size()) {
            throw new HearthException(
                    FailureKind.CONFLICT,
                    "replicas " + files.replicasMax() + " needs as many workers, and there " + count(workers.size())
                            + ": start more, or ask for fewer");
        }
    }

    private static String count(int workers) {
        return workers == 1 ? "is 1" : "are " + workers;
    }

    /**
     * A worker keeps a whole file's room for each file that it has blocks of. What else it holds is not counted here:
     * it says so itself when it reserves.
     *
     * @throws HearthException {@code NO_SPACE} with both figures where the plan can never fit a worker
     */
    private void requireRoom() {
        Map<String, Long> wanted = new TreeMap<>();
        for (PlannedShare share : shares) {
            long quota = quota(share.worker());
            long largest = share.worker().tiers().stream()
                    .mapToLong(TierUse::quotaBytes)
                    .max()
                    .orElse(0);
            for (int file : share.files()) {
                long bytes = files.sizeBytes(file);
                long sum = wanted.merge(share.worker().id(), bytes, Long::sum);
                if (bytes > largest) {
                    throw noRoom(files.reader().path(file) + " has " + DataSize.format(bytes)
                            + " and the largest tier of worker "
                            + share.worker().id() + " lends "
                            + DataSize.format(largest));
                }
                if (sum > quota) {
                    throw noRoom("the load needs " + DataSize.format(needed(share.worker())) + " on worker "
                            + share.worker().id() + ", whose tiers lend " + DataSize.format(quota));
                }
            }
        }
    }

    private long needed(WorkerRegistration worker) {
        return shares.stream()
                .filter(share -> share.worker().id().equals(worker.id()))
                .flatMapToLong(share -> Arrays.stream(share.files()).mapToLong(files::sizeBytes))
                .sum();
    }

    private static long quota(WorkerRegistration worker) {
        return worker.tiers().stream().mapToLong(TierUse::quotaBytes).sum();
    }

    private static HearthException noRoom(String figures) {
        return new HearthException(FailureKind.NO_SPACE, figures + ": name fewer files, or lend more (worker.tiers)");
    }
}
