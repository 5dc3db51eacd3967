package io.hearth.worker.tier;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Translates the file system's failures. */
final class TierFailures {
    /** ENOSPC, EDQUOT and EFBIG, as the JDK words them; it gives no errno. */
    private static final List<String> FULL = List.of("No space left", "quota exceeded", "File too large");

    private static final String READ_ONLY = "Read-only file system";

    private static final String NOT_CONNECTED = "Transport endpoint is not connected";

    /** EIO, EROFS, EUCLEAN, ESTALE, ENODEV, ENXIO, ENOTCONN. Not EMFILE, nor a file that somebody removed. */
    private static final List<String> DISK = List.of(
            "Input/output error",
            READ_ONLY,
            "Structure needs cleaning",
            "Stale file handle",
            "No such device",
            NOT_CONNECTED);

    private TierFailures() {}

    /** Whether the disk under the file is at fault. */
    static boolean disk(IOException failure) {
        String text = String.valueOf(failure.getMessage());
        return DISK.stream().anyMatch(text::contains);
    }

    /** Whether the disk is at fault where a file's bytes go straight into a socket, which has failures of its own. */
    static boolean diskNotSocket(IOException failure) {
        return disk(failure) && !String.valueOf(failure.getMessage()).contains(NOT_CONNECTED);
    }

    static boolean readOnly(IOException failure) {
        return String.valueOf(failure.getMessage()).contains(READ_ONLY);
    }

    static HearthException of(IOException failure, Path path) {
        String text = String.valueOf(failure.getMessage());
        if (failure instanceof NoSuchFileException) {
            return new HearthException(FailureKind.CORRUPT, path + " is gone", failure);
        }
        if (FULL.stream().anyMatch(text::contains)) {
            return new HearthException(
                    FailureKind.NO_SPACE,
                    "no room for " + path + ": free disk space or lower the tier's quota",
                    failure);
        }
        return new HearthException(FailureKind.INTERNAL, "cannot use " + path + ": " + text, failure);
    }
}
