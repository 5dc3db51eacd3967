package io.hearth.fuse;

import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Child process: maps a file, closes it, and compares every byte of the mapping with the pattern when told to go on.
 */
final class MappedHolder {
    private MappedHolder() {}

    public static void main(String[] args) throws Exception {
        MappedByteBuffer map;
        try (FileChannel channel = FileChannel.open(Path.of(args[0]))) {
            map = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
        }
        long seed = Long.parseLong(args[1]);
        boolean begins = map.get(0) == Pattern.at(seed, 0);
        System.out.println(begins ? "held" : "differs");
        if (System.in.read() < 0) {
            return;
        }
        for (int i = 0; i < map.capacity(); i++) {
            if (map.get(i) != Pattern.at(seed, i)) {
                System.out.println("byte " + i + " differs");
                return;
            }
        }
        System.out.println("ok");
    }
}
