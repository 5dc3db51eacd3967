package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds what an earlier life left in a tier, reading headers and records alone. Removes what a crash left half-made:
 * data without metadata, metadata without data or without a whole header. Leaves everything else alone.
 */
final class TierScan {
    /** A small tier is scanned before threads would have started. */
    private static final int FOLDERS_IN_PLACE = 8;

    /** The log of an object of 4 GiB, by one read. */
    private static final int LOG_BUFFER_BYTES = 68 << 10;

    private final Tier tier;

    TierScan(Tier tier) {
        this.tier = tier;
    }

    /** The tier's objects, those whose log is longest untouched first. Blocks. */
    List<ObjectFile> run(Executor threads) {
        List<Future<List<Found>>> folders = new ArrayList<>();
        for (Path folder : list(tier.objects())) {
            FutureTask<List<Found>> task = new FutureTask<>(() -> scan(folder));
            folders.add(task);
            if (folders.size() <= FOLDERS_IN_PLACE) {
                task.run();
            } else {
                threads.execute(task);
            }
        }
        List<Found> found = new ArrayList<>();
        for (Future<List<Found>> folder : folders) {
            found.addAll(join(folder));
        }
        found.sort(Comparator.comparingLong(Found::modifiedMs));
        return found.stream().map(Found::file).toList();
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        } catch (IOException e) {
            throw TierFailures.of(e, folder);
        }
    }

    private record Found(ObjectFile file, long modifiedMs) {}

    private static List<Found> join(Future<List<Found>> folder) {
        try {
            return folder.get();
        } catch (ExecutionException e) {
            throw HearthException.of(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HearthException(FailureKind.UNAVAILABLE, "the scan of a tier was interrupted", e);
        }
    }

    private List<Found> scan(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        Set<String> names =
                list(folder).stream().map(path -> path.getFileName().toString()).collect(Collectors.toSet());
        List<Found> found = new ArrayList<>();
        ByteBuffer buffer = ByteBuffer.allocate(LOG_BUFFER_BYTES);
        for (String name : names) {
            if (!isObjectFile(name)) {
                continue;
            }
            String hex = name.substring(0, Tier.HEX_DIGITS);
            boolean log = name.endsWith(Tier.META_SUFFIX);
            if (!names.contains(hex + (log ? Tier.DATA_SUFFIX : Tier.META_SUFFIX))) {
                remove(ObjectId.parse(hex));
            } else if (log) {
                load(ObjectId.parse(hex), buffer, found);
            }
        }
        return found;
    }

    private static boolean isObjectFile(String name) {
        return name.length() == Tier.HEX_DIGITS + Tier.META_SUFFIX.length()
                && (name.endsWith(Tier.META_SUFFIX) || name.endsWith(Tier.DATA_SUFFIX))
                && name.substring(0, Tier.HEX_DIGITS)
                        .chars()
                        .allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
    }

    private void load(ObjectId id, ByteBuffer buffer, List<Found> found) throws IOException {
        try {
            TierIo.Standing log = log(id);
            found.add(new Found(ObjectFiles.load(tier, id, log.sizeBytes(), buffer), log.modifiedMs()));
        } catch (HearthException e) {
            if (e.kind() == FailureKind.CORRUPT) {
                remove(id);
            } else {
                tier.addForeign(id, e);
            }
        }
    }

    private TierIo.Standing log(ObjectId id) {
        Path path = tier.metaPath(id);
        try {
            return tier.environment().io().standing(path);
        } catch (IOException e) {
            throw TierFailures.of(e, path);
        }
    }

    private void remove(ObjectId id) throws IOException {
        tier.environment().io().delete(tier.metaPath(id));
        tier.environment().io().delete(tier.dataPath(id));
    }
}
