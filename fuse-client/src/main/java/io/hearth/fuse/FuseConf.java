package io.hearth.fuse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What {@code fusermount} asks before it takes {@code allow_other} from a user. */
public final class FuseConf {
    private static final Path FILE = Path.of("/etc/fuse.conf");

    private FuseConf() {}

    public static boolean usersMayAllowOthers() {
        try (Stream<String> lines = Files.lines(FILE)) {
            return lines.anyMatch(line -> line.strip().equals("user_allow_other"));
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }
}
