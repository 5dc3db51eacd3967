package io.hearth.fuse;

import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Child process: maps a file, shared and private, and compares every byte with the pattern. */
final class MappedReader {
    private MappedReader() {}

    public static void main(String[] args) throws Exception {
        long seed = Long.parseLong(args[1]);
        int size = Integer.parseInt(args[2]);
        try (FileChannel channel = FileChannel.open(Path.of(args[0]))) {
            for (FileChannel.MapMode mode : new FileChannel.MapMode[] {FileChannel.MapMode.READ_ONLY}) {
                MappedByteBuffer map = channel.map(mode, 0, channel.size());
                if (map.capacity() != size) {
                    System.out.println("size " + map.capacity());
                    return;
                }
                for (int i = size - 1; i >= 0; i--) {
                    if (map.get(i) != Pattern.at(seed, i)) {
                        System.out.println("byte " + i + " differs");
                        return;
                    }
                }
            }
        }
        System.out.println("ok");
    }
}
