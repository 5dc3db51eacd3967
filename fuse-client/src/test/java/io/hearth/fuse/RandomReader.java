package io.hearth.fuse;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** Child process: random opens, stats and positional reads, each held against the pattern. */
final class RandomReader {
    private static final int STEPS = 600;

    private RandomReader() {}

    public static void main(String[] args) throws Exception {
        Path root = Path.of(args[0]);
        Random random = new Random(Long.parseLong(args[1]));
        String[] files = args[2].split(",");
        Map<String, FileChannel> open = new HashMap<>();
        for (int step = 0; step < STEPS; step++) {
            String[] file = files[random.nextInt(files.length)].split(":");
            long size = Long.parseLong(file[1]);
            long seed = Long.parseLong(file[2]);
            if (random.nextInt(10) == 0 && open.containsKey(file[0])) {
                open.remove(file[0]).close();
            }
            if (Files.size(root.resolve(file[0])) != size) {
                System.out.println("step " + step + ": size of " + file[0]);
                return;
            }
            FileChannel channel = open.get(file[0]);
            if (channel == null) {
                channel = FileChannel.open(root.resolve(file[0]));
                open.put(file[0], channel);
            }
            long offset = random.nextInt(4) == 0
                    ? Math.max(0, size - random.nextInt(5000))
                    : (long) (random.nextDouble() * (size + 100));
            ByteBuffer target = ByteBuffer.allocate(1 + random.nextInt(random.nextBoolean() ? 300_000 : 5000));
            long expected = Math.max(0, Math.min(target.capacity(), size - offset));
            int read = Math.max(0, channel.read(target, offset));
            if (read != expected) {
                System.out.println(
                        "step " + step + ": " + read + " of " + expected + " at " + offset + " of " + file[0]);
                return;
            }
            for (int i = 0; i < read; i++) {
                if (target.get(i) != Pattern.at(seed, offset + i)) {
                    System.out.println("step " + step + ": byte " + (offset + i) + " of " + file[0] + " differs");
                    return;
                }
            }
        }
        System.out.println("ok");
    }
}
