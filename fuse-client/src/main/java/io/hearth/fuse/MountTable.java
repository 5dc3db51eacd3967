package io.hearth.fuse;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The kernel's list of mounts, read without touching any of them. Thread-safe. */
final class MountTable {
    /** The type under which the kernel lists Hearth's mounts. */
    static final String HEARTH_TYPE = "fuse.hearth";

    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");

    private final Path file;

    /** @param device {@code major:minor} */
    record Row(String device, Path directory, String type) {
        boolean hearth() {
            return type.equals(HEARTH_TYPE);
        }
    }

    MountTable() {
        this(MOUNTINFO);
    }

    MountTable(Path file) {
        this.file = file;
    }

    /** The topmost mount on {@code directory}, an absolute path without links. */
    Optional<Row> at(Path directory) {
        return rows().stream().filter(row -> row.directory().equals(directory)).reduce((below, above) -> above);
    }

    /** The mounts in the kernel's order; see proc_pid_mountinfo(5). */
    List<Row> rows() {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                    .map(line -> line.split(" "))
                    .filter(fields -> fields.length > 6)
                    .map(MountTable::row)
                    .toList();
        } catch (IOException e) {
            throw new HearthException(FailureKind.INTERNAL, "cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static Row row(String[] fields) {
        int dash = Arrays.asList(fields).indexOf("-");
        String type = dash >= 0 && dash + 1 < fields.length ? fields[dash + 1] : "";
        return new Row(fields[2], Path.of(unescape(fields[4])), type);
    }

    /** Space, tab, newline and backslash stand there as a backslash and three octal digits. */
    private static String unescape(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        byte[] in = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
        for (int i = 0; i < in.length; i++) {
            if (in[i] == '\\' && i + 3 < in.length) {
                out.write(Integer.parseInt(new String(in, i + 1, 3, StandardCharsets.US_ASCII), 8));
                i += 3;
            } else {
                out.write(in[i]);
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
