package io.hearth.worker.tier;

import io.hearth.protocol.Digests;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.settings.DataSize;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;

/**
 * One tier as a setting: {@code MEDIUM:PATH:QUOTA}, then optionally {@code :high=0.95} and {@code :low=0.85}. The words
 * are those of Fluid's tieredstore.
 */
public record TierSpec(Medium medium, Path directory, long quotaBytes, Watermarks watermarks) {
    /** The path that stands for a directory of this worker's own in {@code /dev/shm}. */
    public static final String AUTO = "auto";

    private static final String HIGH = "high=";
    private static final String LOW = "low=";

    /** With the default watermarks. */
    public TierSpec(Medium medium, Path directory, long quotaBytes) {
        this(medium, directory, quotaBytes, Watermarks.DEFAULT);
    }

    /**
     * Parses {@code SSD:/var/cache/hearth:10GiB:high=0.9:low=0.8} or {@code MEM:auto:1GiB}.
     *
     * @param workerDirectory makes {@code auto} another directory for each worker
     * @throws HearthException {@link FailureKind#INVALID} with the expected form
     */
    public static TierSpec parse(String text, Path workerDirectory) {
        String rest = text;
        double high = Watermarks.DEFAULT.high();
        double low = Watermarks.DEFAULT.low();
        for (int mark = 0; mark < 2 && (option(rest, HIGH) || option(rest, LOW)); mark++) {
            int at = rest.lastIndexOf(':');
            if (option(rest, HIGH)) {
                high = share(text, rest.substring(at + 1).strip().substring(HIGH.length()));
            } else {
                low = share(text, rest.substring(at + 1).strip().substring(LOW.length()));
            }
            rest = rest.substring(0, at);
        }
        return withoutMarks(text, rest, workerDirectory, marks(text, high, low));
    }

    private static boolean option(String rest, String name) {
        int at = rest.lastIndexOf(':');
        return at >= 0 && rest.substring(at + 1).strip().startsWith(name);
    }

    private static double share(String text, String number) {
        try {
            return Double.parseDouble(number);
        } catch (NumberFormatException e) {
            throw bad(text);
        }
    }

    private static Watermarks marks(String text, double high, double low) {
        try {
            return new Watermarks(high, low);
        } catch (IllegalArgumentException e) {
            throw new HearthException(FailureKind.INVALID, "'" + text + "' is no tier: " + e.getMessage());
        }
    }

    private static TierSpec withoutMarks(String text, String rest, Path workerDirectory, Watermarks watermarks) {
        int first = rest.indexOf(':');
        int last = rest.lastIndexOf(':');
        if (first <= 0 || last <= first + 1) {
            throw bad(text);
        }
        String path = rest.substring(first + 1, last).strip();
        long quota = DataSize.parse(rest.substring(last + 1)).bytes();
        try {
            Medium medium = Medium.valueOf(rest.substring(0, first).strip().toUpperCase(Locale.ROOT));
            if (path.equals(AUTO) && medium != Medium.MEM || quota < 1) {
                throw bad(text);
            }
            Path directory = path.equals(AUTO) ? auto(workerDirectory) : Path.of(path);
            return new TierSpec(medium, directory, quota, watermarks);
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
                "'" + text + "' is no tier: write MEM:auto:1GiB or SSD:/var/cache/hearth:10GiB (MEM, SSD or HDD), and"
                        + " after it :high=0.95:low=0.85 for other watermarks");
    }
}
