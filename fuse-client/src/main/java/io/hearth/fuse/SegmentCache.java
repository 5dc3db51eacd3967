package io.hearth.fuse;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.generation.Segment;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Segments on disk, each a file named by the SHA-256 of its bytes, least recently used first to go. Shared by all
 * mounts of a node: files appear whole, by rename, and are checked when read. A disk that refuses makes starts slower,
 * not wrong. Thread-safe.
 */
final class SegmentCache {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentCache.class);

    private final Path directory;
    private final long bytesMax;
    private final Clock clock;

    private record Stored(Path file, long bytes, FileTime used) {}

    /** @throws HearthException if the directory cannot be made */
    SegmentCache(Path directory, long bytesMax, Clock clock) {
        this.directory = directory;
        this.bytesMax = bytesMax;
        this.clock = clock;
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "cannot make the folder for listings " + directory + " (mount.cache-dir): " + e.getMessage(),
                    e);
        }
    }

    /** The bytes of that segment, if they are here and whole. */
    Optional<byte[]> get(String id) {
        Path file = directory.resolve(id);
        try {
            if (Files.size(file) > Segment.BYTES_MAX) {
                Files.deleteIfExists(file);
                return Optional.empty();
            }
            byte[] bytes = Files.readAllBytes(file);
            if (!Segment.idOf(bytes).equals(id)) {
                LOG.warn("{} is damaged and is fetched anew", file);
                Files.deleteIfExists(file);
                return Optional.empty();
            }
            Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
            return Optional.of(bytes);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            LOG.warn("cannot read {}: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    void put(String id, byte[] bytes) {
        try {
            Path part = Files.createTempFile(directory, id, ".part");
            try {
                Files.write(part, bytes);
                Files.move(part, directory.resolve(id), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            LOG.warn("cannot keep a segment in {}: {}", directory, e.getMessage());
        }
    }

    /** Deletes the least recently used segments beyond the bound, but none of {@code needed}. */
    void trim(Set<String> needed) {
        List<Stored> stored = stored();
        long bytes = stored.stream().mapToLong(Stored::bytes).sum();
        stored.sort(Comparator.comparing(Stored::used));
        for (Stored segment : stored) {
            if (bytes <= bytesMax) {
                return;
            }
            if (!needed.contains(segment.file().getFileName().toString())) {
                try {
                    Files.deleteIfExists(segment.file());
                    bytes -= segment.bytes();
                } catch (IOException e) {
                    LOG.warn("cannot delete {}: {}", segment.file(), e.getMessage());
                }
            }
        }
    }

    private List<Stored> stored() {
        List<Stored> stored = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                try {
                    stored.add(new Stored(file, Files.size(file), Files.getLastModifiedTime(file)));
                } catch (NoSuchFileException e) {
                    // Another mount trims too.
                }
            }
        } catch (IOException e) {
            LOG.warn("cannot list {}: {}", directory, e.getMessage());
        }
        return stored;
    }
}
