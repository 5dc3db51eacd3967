package io.hearth.fuse;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.Session.WorkerAddress;
import io.hearth.protocol.generation.Generation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * What a node remembers of a dataset, so that a mount can start while no master answers. Holds no credentials.
 *
 * @param formatVersion {@link #FORMAT_VERSION}
 * @param savedAtMs milliseconds since 1970
 * @param workers those that lived then
 */
public record SavedGeneration(int formatVersion, long savedAtMs, Generation generation, List<WorkerAddress> workers) {
    /** Version of the file's form. */
    public static final int FORMAT_VERSION = 1;

    /** @throws IOException if the disk refuses */
    void write(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Path part = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".part");
        try {
            Files.write(part, Json.write(this));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /**
     * @return empty if nothing was saved
     * @throws HearthException if the file cannot be read or is of another version
     */
    static Optional<SavedGeneration> read(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new HearthException(FailureKind.INTERNAL, "cannot read " + file + ": " + e.getMessage(), e);
        }
        int version = Json.read(bytes, com.fasterxml.jackson.databind.JsonNode.class)
                .path("formatVersion")
                .asInt();
        if (version != FORMAT_VERSION) {
            throw new HearthException(
                    FailureKind.UNSUPPORTED_VERSION,
                    file + " is of format version " + version + ": this build reads version " + FORMAT_VERSION);
        }
        return Optional.of(Json.read(bytes, SavedGeneration.class));
    }
}
