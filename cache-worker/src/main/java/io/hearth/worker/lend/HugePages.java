package io.hearth.worker.lend;

import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.TierSpec;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mounts a tmpfs of huge pages on the directories of memory tiers: freeing is work for each page, and 2 GiB have 1,024 of the
 * one kind and 524,288 of the other. What cannot be mounted is used as it is, with one line in the log.
 */
public final class HugePages {
    private static final Logger LOG = LoggerFactory.getLogger(HugePages.class);
    private static final int MOUNT_SECONDS_MAX = 10;
    private static final int ANSWER_BYTES_MAX = 1024;

    private final Path mounts;
    private final String program;

    HugePages(Path mounts, String program) {
        this.mounts = mounts;
        this.program = program;
    }

    /** Of this machine. */
    public static HugePages ofThisMachine() {
        return new HugePages(Path.of("/proc/mounts"), "mount");
    }

    /** Before the tiers are opened. A directory with files in it, or one that is a mount already, is left as it is. Blocks. */
    public void mount(List<TierSpec> tiers) {
        for (TierSpec tier : tiers) {
            if (tier.medium() == Medium.MEM) {
                try {
                    mount(tier);
                } catch (IOException e) {
                    LOG.warn("tier {} has no huge pages of its own: {}", tier.directory(), e.toString());
                }
            }
        }
    }

    private void mount(TierSpec tier) throws IOException {
        Files.createDirectories(tier.directory());
        Path directory = tier.directory().toRealPath();
        if (mounted(directory)) {
            return;
        }
        try (var files = Files.list(directory)) {
            if (files.findAny().isPresent()) {
                LOG.warn("tier {} keeps its small pages: empty it once for a tmpfs of huge ones", directory);
                return;
            }
        }
        // A sixteenth for metadata, and for the rest of the last huge page of each file.
        String options = "size=" + (tier.quotaBytes() + tier.quotaBytes() / 16 + (16 << 20))
                + ",huge=within_size,mode=0700,nosuid,nodev,noexec";
        run(List.of(program, "-t", "tmpfs", "-o", options, "hearth", directory.toString()));
        LOG.info("tier {} has huge pages", directory);
    }

    private boolean mounted(Path directory) throws IOException {
        String wanted = directory.toString().replace("\\", "\\134").replace(" ", "\\040");
        try (var lines = Files.lines(mounts)) {
            return lines.map(line -> line.split(" ")).anyMatch(fields -> fields.length > 2 && fields[1].equals(wanted));
        }
    }

    private static void run(List<String> command) throws IOException {
        Process running = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .start();
        try {
            if (!running.waitFor(MOUNT_SECONDS_MAX, TimeUnit.SECONDS)) {
                throw new IOException(command.get(0) + " did not end within " + MOUNT_SECONDS_MAX + " s");
            }
            if (running.exitValue() != 0) {
                byte[] said = running.getInputStream().readNBytes(ANSWER_BYTES_MAX);
                throw new IOException(new String(said, StandardCharsets.UTF_8).strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            running.destroyForcibly();
        }
    }
}
