package io.hearth.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Strong ETags for files. S3Proxy keeps the MD5 of what it stored in an extended attribute; a file put there by hand
 * has none (and S3Proxy then ignores {@code If-Match}), and one overwritten in place keeps that of its old bytes.
 *
 * <p>So a stored MD5 counts only while the file's time is the one noted beside it; any other file gets
 * {@code "size-mtime-ctime-inode"} in hexadecimal, which changes with every write: cheap for files of any size.
 */
final class FileEtags {
    private static final String NOTE = "hearth-md5-of";

    private final Path root;

    FileEtags(Path root) {
        this.root = root;
    }

    /** Notes that the stored MD5 is that of the file as it stands now. */
    void trust(String bucket, String key) {
        Path file = root.resolve(bucket).resolve(key);
        if (!Files.isRegularFile(file)) {
            return;
        }
        try {
            FileTime modified = Files.getLastModifiedTime(file);
            Files.getFileAttributeView(file, UserDefinedFileAttributeView.class)
                    .write(NOTE, StandardCharsets.US_ASCII.encode(note(modified)));
        } catch (IOException | UnsupportedOperationException e) {
            // No extended attributes on this file system: the file keeps its computed ETag.
        }
    }

    /** The file under the key as it stands now; empty for a directory or where there is none. */
    Optional<Look> look(String bucket, String key) {
        Path file = root.resolve(bucket).resolve(key);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            Map<String, Object> facts = Files.readAttributes(file, "unix:size,lastModifiedTime,ctime,ino");
            FileTime modified = (FileTime) facts.get("lastModifiedTime");
            String etag = String.format(
                    "\"%x-%x-%x-%x\"",
                    facts.get("size"),
                    modified.to(TimeUnit.NANOSECONDS),
                    ((FileTime) facts.get("ctime")).to(TimeUnit.NANOSECONDS),
                    facts.get("ino"));
            return Optional.of(new Look(etag, trusted(file, note(modified))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * One state of a file.
     *
     * @param etag differs for two states, quotes included
     * @param md5Stored whether S3Proxy's stored MD5 is that of this state and is to be shown instead
     */
    record Look(String etag, boolean md5Stored) {}

    private static boolean trusted(Path file, String note) throws IOException {
        UserDefinedFileAttributeView view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        try {
            ByteBuffer stored = ByteBuffer.allocate(view.size(NOTE));
            view.read(NOTE, stored);
            return note.equals(StandardCharsets.US_ASCII.decode(stored.flip()).toString());
        } catch (IOException absent) {
            return false;
        }
    }

    private static String note(FileTime modified) {
        return Long.toString(modified.to(TimeUnit.NANOSECONDS));
    }
}
