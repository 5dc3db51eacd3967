package io.hearth.client.local;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Optional;

/**
 * A worker's file, open here: as it came, which has a number, and once more as a channel, which Java can read at an
 * offset.
 *
 * @param workerId whose file it is
 * @param grant what the worker calls it
 * @param whole whether the worker said, when it came, that all of it is there
 * @param came can only read; whoever takes this record closes both
 * @param channel the same file; empty where this user may not open it: others may still take its bytes by number
 * @param backingId by which the kernel may know it
 */
record Descriptor(
        String workerId,
        long grant,
        boolean whole,
        FileDescriptor came,
        Optional<FileChannel> channel,
        BackingId backingId) {
    int number() {
        return came.intValue();
    }

    void close() throws IOException {
        try {
            if (channel.isPresent()) {
                channel.get().close();
            }
        } finally {
            came.close();
        }
    }
}
