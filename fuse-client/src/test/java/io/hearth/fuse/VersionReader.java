package io.hearth.fuse;

import java.io.FileInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;

/** Child process: threads that read one file whole, again and again; every reading must be exactly one version. */
final class VersionReader {
    private static final int THREADS = 4;

    private VersionReader() {}

    /** The size of version {@code seed}: some grow, some shrink, some stay the same. */
    static int sizeOf(long seed) {
        return (int) (1 + (seed / 2 * 7919) % 60_000);
    }

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        long firstSeed = Long.parseLong(args[1]);
        int versions = Integer.parseInt(args[2]);
        int rounds = Integer.parseInt(args[3]);
        AtomicReference<String> verdict = new AtomicReference<>("ok");
        Thread[] threads = new Thread[THREADS];
        for (int t = 0; t < THREADS; t++) {
            boolean mapped = t == 0;
            threads[t] = new Thread(() -> {
                for (int round = 0; round < rounds && verdict.get().equals("ok"); round++) {
                    try {
                        byte[] bytes = mapped ? map(file) : stream(file);
                        if (!oneVersion(bytes, firstSeed, versions)) {
                            verdict.set("round " + round + (mapped ? " (mapped)" : "") + ": no version has these "
                                    + bytes.length + " bytes, the first of version "
                                    + like(bytes, firstSeed, versions));
                        }
                    } catch (Exception e) {
                        verdict.set(e.toString());
                    }
                }
            });
            threads[t].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println(verdict.get());
    }

    private static byte[] stream(Path file) throws Exception {
        try (FileInputStream in = new FileInputStream(file.toFile())) {
            return in.readAllBytes();
        }
    }

    private static byte[] map(Path file) throws Exception {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer map = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            byte[] bytes = new byte[map.remaining()];
            map.get(bytes);
            return bytes;
        } finally {
            System.gc(); // Java unmaps when it collects; until then the file counts as open.
        }
    }

    private static boolean oneVersion(byte[] bytes, long firstSeed, int versions) {
        for (long seed = firstSeed; seed < firstSeed + versions; seed++) {
            if (sizeOf(seed) == bytes.length && same(bytes, seed)) {
                return true;
            }
        }
        return false;
    }

    private static boolean same(byte[] bytes, long seed) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != Pattern.at(seed, i)) {
                return false;
            }
        }
        return true;
    }

    private static String like(byte[] bytes, long firstSeed, int versions) {
        for (long seed = firstSeed; seed < firstSeed + versions; seed++) {
            if (bytes.length > 8 && same(java.util.Arrays.copyOf(bytes, 8), seed)) {
                return seed + " of " + sizeOf(seed) + " bytes";
            }
        }
        return "none";
    }
}
