package io.hearth.launcher.doctor;

import io.hearth.client.MasterApi;
import io.hearth.launcher.settings.ProcessSettings;
import io.hearth.launcher.settings.Settings;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.WorkerList;
import io.hearth.protocol.api.WorkerStatus;
import io.hearth.protocol.settings.DataSize;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One look at everything that a mount, a worker and a master need here. */
public final class Diagnosis {
    private static final int CONNECT_BOUND_MS = 1000;
    private static final long FREE_BYTES_WANTED = 1L << 30;
    private static final long OPEN_FILES_WANTED = 4096;

    private final Settings settings;
    private final MasterApi master;

    /** How a check ended; a warning does not fail the command. */
    public enum Verdict {
        OK,
        WARNING,
        FAILED
    }

    /** One check; {@code detail} says what was found and, where it is not ok, what to do. */
    public record Finding(String check, Verdict verdict, String detail) {}

    public Diagnosis(Settings settings, MasterApi master) {
        this.settings = settings;
        this.master = master;
    }

    public List<Finding> run() {
        List<Finding> findings = new ArrayList<>();
        findings.add(ok("java", Runtime.version() + " (" + System.getProperty("java.vendor") + ")"));
        findings.add(kernel());
        findings.add(fuseDevice());
        findings.add(libfuse());
        findings.add(openFiles());
        findings.add(home());
        findings.add(sharedMemory());
        findings.addAll(cluster());
        return findings;
    }

    private static Finding kernel() {
        String release = System.getProperty("os.version");
        return System.getProperty("os.name").equals("Linux")
                ? ok("kernel", "Linux " + release)
                : failed("kernel", System.getProperty("os.name") + " " + release + ": Hearth runs on Linux");
    }

    private static Finding fuseDevice() {
        Path device = Path.of("/dev/fuse");
        if (!Files.exists(device)) {
            return failed("/dev/fuse", "missing: run 'modprobe fuse', or start the container with --device /dev/fuse");
        }
        return Files.isReadable(device) && Files.isWritable(device)
                ? ok("/dev/fuse", "present")
                : failed("/dev/fuse", "not readable and writable for this user: chmod 666 /dev/fuse, or run as root");
    }

    private static Finding libfuse() {
        String libraries = output("ldconfig", "-p") + output("/sbin/ldconfig", "-p");
        return libraries.contains("libfuse.so.2")
                ? ok("libfuse 2", "present")
                : warning(
                        "libfuse 2",
                        "missing: mount.transport jnr-fuse needs it (apt-get install libfuse2 or libfuse2t64)");
    }

    private static Finding openFiles() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
                if (line.startsWith("Max open files")) {
                    String[] words =
                            line.substring("Max open files".length()).strip().split("\\s+");
                    boolean enough = words[1].equals("unlimited") || Long.parseLong(words[1]) >= OPEN_FILES_WANTED;
                    return enough
                            ? ok("open files", words[0] + ", at most " + words[1])
                            : warning("open files", words[1] + " is few: raise it to 65536 (ulimit -n)");
                }
            }
        } catch (IOException e) {
            return warning("open files", "cannot be read: " + e.getMessage());
        }
        return warning("open files", "no limit found");
    }

    private Finding home() {
        Path home = settings.home();
        Path existing = home;
        while (!Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (!Files.isWritable(existing)) {
            return failed("home", home + " cannot be written: choose another with HEARTH_HOME");
        }
        return free("home", home, existing);
    }

    private static Finding sharedMemory() {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory)
                ? free("memory tier", memory, memory)
                : warning("memory tier", "/dev/shm cannot be written: set worker.tiers to another tmpfs");
    }

    private static Finding free(String check, Path shown, Path existing) {
        long free = existing.toFile().getUsableSpace();
        String detail = shown + ", " + DataSize.format(free) + " free";
        return free >= FREE_BYTES_WANTED ? ok(check, detail) : warning(check, detail + ": little room for a cache");
    }

    private List<Finding> cluster() {
        String masters = String.join(
                ", ",
                settings.get(ProcessSettings.class).masters().stream()
                        .map(Object::toString)
                        .toList());
        try {
            WorkerList workers = master.workers().join();
            List<Finding> findings = new ArrayList<>();
            findings.add(ok("master", masters + " answers"));
            workers.workers().forEach(worker -> findings.add(worker(worker)));
            if (workers.workers().isEmpty()) {
                findings.add(warning("workers", "none is registered: start one with 'hearth worker'"));
            }
            return findings;
        } catch (RuntimeException e) {
            return List.of(warning("master", HearthException.of(e).getMessage()));
        }
    }

    private static Finding worker(WorkerStatus status) {
        String name = "worker " + status.worker().id();
        String address = status.worker().host() + ":" + status.worker().dataPort();
        if (!status.state().equals("Ready")) {
            return warning(name, address + ", lost; last seen " + status.lastSeenAt());
        }
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(
                            status.worker().host(), status.worker().dataPort()),
                    CONNECT_BOUND_MS);
            return ok(name, address + ", " + DataSize.format(status.cachedBytes()) + " cached");
        } catch (IOException e) {
            return failed(name, address + " cannot be reached: " + e.getMessage());
        }
    }

    private static String output(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String text = new String(process.getInputStream().readAllBytes());
            process.waitFor(5, TimeUnit.SECONDS);
            return text;
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private static Finding ok(String check, String detail) {
        return new Finding(check, Verdict.OK, detail);
    }

    private static Finding warning(String check, String detail) {
        return new Finding(check, Verdict.WARNING, detail);
    }

    private static Finding failed(String check, String detail) {
        return new Finding(check, Verdict.FAILED, detail);
    }
}
