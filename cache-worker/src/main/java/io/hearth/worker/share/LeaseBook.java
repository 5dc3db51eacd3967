package io.hearth.worker.share;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.ObjectId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which objects each share has leased, on disk: one small file a share, written whole, synced and renamed, so that it
 * is there or not. Lines: the format, the worker's life that took the leases, the objects' ids, a CRC32C of all that.
 * Every method blocks; one thread's.
 */
final class LeaseBook {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseBook.class);
    private static final String FORMAT_LINE = "hearth-leases 1";
    private static final String FAMILY = "hearth-leases ";
    private static final String SUFFIX = ".leases";
    private static final String HALF_MADE = ".new";

    private final Path directory;

    /** @throws HearthException in one line, if the directory cannot be made */
    LeaseBook(Path directory) {
        this.directory = directory;
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "the directory of leases " + directory + " cannot be used: " + e.getMessage()
                            + "; change worker.directory",
                    e);
        }
    }

    /**
     * Leases of one share.
     *
     * @param incarnation the worker's life that took them
     */
    record Entry(long incarnation, List<ObjectId> objects) {}

    /** @throws HearthException if it cannot be written; nothing is left then */
    void write(String share, Entry entry) {
        StringBuilder text = new StringBuilder(FORMAT_LINE + "\nincarnation " + entry.incarnation() + "\n");
        entry.objects().forEach(id -> text.append(id).append('\n'));
        text.append(Integer.toHexString(crc(text))).append('\n');
        Path fresh = directory.resolve(share + HALF_MADE);
        try {
            try (FileChannel out = FileChannel.open(
                    fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text.toString());
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(fresh, file(share), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new HearthException(
                    FailureKind.NO_SPACE,
                    "the leases of share " + share + " cannot be kept in " + directory + ": " + e.getMessage(),
                    e);
        }
    }

    /** Forgets a share; one that is not there is no error. */
    void remove(String share) {
        try {
            Files.deleteIfExists(file(share));
        } catch (IOException e) {
            LOG.warn("cannot remove {}: {}", file(share), e.getMessage());
        }
    }

    /** What an earlier life left. Half-made and damaged files are removed, those of another format left alone. */
    Map<String, Entry> read() {
        Map<String, Entry> found = new HashMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName());
                if (name.endsWith(SUFFIX)) {
                    read(file, name.substring(0, name.length() - SUFFIX.length()), found);
                } else if (name.endsWith(HALF_MADE)) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            LOG.warn("the leases in {} cannot be read, none are kept: {}", directory, e.getMessage());
        }
        return found;
    }

    private static void read(Path file, String share, Map<String, Entry> found) throws IOException {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        if (text.startsWith(FAMILY) && !text.startsWith(FORMAT_LINE + "\n")) {
            LOG.warn("{} is of another format than '{}' and left alone", file, FORMAT_LINE);
            return;
        }
        try {
            found.put(share, parse(text));
        } catch (IllegalArgumentException e) {
            LOG.warn("{} is damaged and removed: {}", file, e.getMessage());
            Files.delete(file);
        }
    }

    private static Entry parse(String text) {
        List<String> lines = text.lines().toList();
        int last = lines.size() - 1;
        if (last < 2 || !text.endsWith("\n") || !lines.get(1).startsWith("incarnation ")) {
            throw new IllegalArgumentException("it is cut short");
        }
        String covered = String.join("\n", lines.subList(0, last)) + "\n";
        if (!lines.get(last).equals(Integer.toHexString(crc(covered)))) {
            throw new IllegalArgumentException("its checksum differs");
        }
        List<ObjectId> objects = new ArrayList<>();
        lines.subList(2, last).forEach(line -> objects.add(ObjectId.parse(line)));
        return new Entry(Long.parseLong(lines.get(1).substring("incarnation ".length())), objects);
    }

    private static int crc(CharSequence text) {
        CRC32C crc = new CRC32C();
        crc.update(text.toString().getBytes(StandardCharsets.ISO_8859_1));
        return (int) crc.getValue();
    }

    private Path file(String share) {
        return directory.resolve(share + SUFFIX);
    }
}
