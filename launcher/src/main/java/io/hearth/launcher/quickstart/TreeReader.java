package io.hearth.launcher.quickstart;

import io.hearth.launcher.output.Progress;
import io.hearth.protocol.Digests;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Reads every file of a tree once, as a loader would: whole files in order, a few at a time. */
public final class TreeReader {
    private static final int BUFFER_BYTES = 1 << 20;

    private TreeReader() {}

    /**
     * What was read.
     *
     * @param seconds from the first open to the last byte
     * @param sha256 hexadecimal digest by path relative to the tree, with {@code /} between names
     */
    public record Result(double seconds, long bytes, Map<String, String> sha256) {}

    /** @param progress where a bar is drawn if it is a terminal */
    public static Result read(Path root, int threads, PrintStream progress) throws IOException, InterruptedException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(root)) {
            files = walk.filter(Files::isRegularFile).sorted().toList();
        }
        long total = 0;
        for (Path file : files) {
            total += Files.size(file);
        }
        ExecutorService readers = Executors.newFixedThreadPool(threads);
        try (Progress bar = Progress.start("reading", total, progress)) {
            long start = System.nanoTime();
            List<Future<String>> digests = new ArrayList<>();
            for (Path file : files) {
                digests.add(readers.submit(() -> digest(file, bar)));
            }
            Map<String, String> sha256 = new TreeMap<>();
            for (int i = 0; i < files.size(); i++) {
                sha256.put(
                        root.relativize(files.get(i)).toString(), digests.get(i).get());
            }
            return new Result((System.nanoTime() - start) / 1e9, bar.done(), sha256);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } finally {
            readers.shutdownNow();
        }
    }

    private static String digest(Path file, Progress bar) throws IOException {
        MessageDigest sha256 = Digests.sha256();
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        try (FileChannel channel = FileChannel.open(file)) {
            while (channel.read(buffer) >= 0) {
                bar.add(buffer.position());
                sha256.update(buffer.flip());
                buffer.clear();
            }
        }
        return HexFormat.of().formatHex(sha256.digest());
    }
}
