package io.hearth.launcher.it;

import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Run as a program of its own: the SHA-256 of a file, read through mmap, its last megabyte first. */
final class MappedDigest {
    private MappedDigest() {}

    public static void main(String[] arguments) throws Exception {
        try (FileChannel channel = FileChannel.open(Path.of(arguments[0]))) {
            MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            byte touched = 0;
            for (int at = map.limit() - 1; at > map.limit() - (1 << 20); at -= 4096) {
                touched ^= map.get(at);
            }
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(map);
            System.out.println(HexFormat.of().formatHex(digest.digest()) + (touched == 0 ? " " : ""));
        }
    }
}
