package io.hearth.client.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hearth.client.FileTaker;
import io.hearth.client.TestObject;
import io.hearth.client.WholeFile;
import io.hearth.client.read.LocalReads.Outcome;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.FileDescriptor;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrantedFileTest {
    private static final int BYTES = 1 << 20;

    @TempDir
    Path directory;

    @Test
    void aFileThatThisUserMayNotOpenIsTakenByNumberAndCopiedFromElsewhere() throws Exception {
        assumeTrue(Epoll.isAvailable(), "there is no epoll");
        TestObject object = TestObject.random("a", BYTES);
        FileDescriptor came = FileDescriptor.from(
                Files.write(directory.resolve("a"), object.bytes()).toFile());
        Descriptor descriptor = new Descriptor(
                "w", 1, true, came, Optional.empty(), new BackingId(device -> CompletableFuture.completedFuture(7)));
        List<Integer> taken = new ArrayList<>();
        List<String> closed = new ArrayList<>();
        GrantedFile file = new GrantedFile(descriptor, object.ref(), 0, () -> closed.add("closed"));
        FileTaker takes = (number, offset, length) -> taken.add(number);
        ByteBuffer target = ByteBuffer.allocate(4096);
        assertEquals(Outcome.READ, file.read(0, 4096, target, takes, 0));
        assertEquals(List.of(came.intValue()), taken);
        assertEquals(Outcome.ELSEWHERE, file.read(0, 4096, target, FileTaker.NONE, 0));
        assertEquals(Outcome.ELSEWHERE, file.read(0, 4096, target, (number, offset, length) -> false, 0));
        assertEquals(0, target.position());
        try (WholeFile whole = file.holdWhole().orElseThrow()) {
            assertEquals(came.intValue(), whole.descriptor());
            file.end();
            assertEquals(List.of(), closed);
        }
        assertEquals(List.of("closed"), closed);
        assertTrue(!came.isOpen());
    }
}
