package io.hearth.worker.tier;

import io.hearth.protocol.Digests;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.settings.DataSize;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;

/** One tier as a setting: {@code MEDIUM:PATH:QUOTA}. */
public record TierSpec(Medium medium, Path directory, long quotaBytes) {
    /** The path that stands for a directory of this worker's own in {@code /dev/shm}. */
    public static final String AUTO = "auto";

    /**
     * Parses {@code SSD:/var/cache/hearth:10GiB} or {@code MEM:auto:1GiB}.
     *
     * @param workerDirectory makes {@code auto} another directory for each worker
     * @throws HearthException {@link FailureKind#INVALID} with the expected form
     */
    public static TierSpec parse(String text, Path workerDirectory) {
        int first = text.indexOf(':');
        int last = text.lastIndexOf(':');
        if (first <= 0 || last <= first + 1) {
            throw bad(text);
        }
        String path = text.substring(first + 1, last).strip();
        long quota = DataSize.parse(text.substring(last + 1)).bytes();
        try {
            Medium medium = Medium.valueOf(text.substring(0, first).strip().toUpperCase(Locale.ROOT));
            if (path.equals(AUTO) && medium != Medium.MEM || quota < 1) {
                throw bad(text);
            }
            return new TierSpec(medium, path.equals(AUTO) ? auto(workerDirectory) : Path.of(path), quota);
        } catch (IllegalArgumentException e) {
            throw bad(text);
        }
    }

    private static Path auto(Path workerDirectory) {
        byte[] home = workerDirectory.toAbsolutePath().normalize().toString().getBytes(StandardCharsets.UTF_8);
        return Path.of(
                "/dev/shm",
                "hearth-" + HexFormat.of().formatHex(Digests.start().field(home).finish(), 0, 8));
    }

    private static HearthException bad(String text) {
        return new HearthException(
                FailureKind.INVALID,
                "'" + text + "' is no tier: write MEM:auto:1GiB or SSD:/var/cache/hearth:10GiB (MEM, SSD or HDD)");
    }
}
