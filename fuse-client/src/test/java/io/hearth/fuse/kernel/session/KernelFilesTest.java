package io.hearth.fuse.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.client.WholeFile;
import io.hearth.fuse.FuseFileSystem;
import io.hearth.fuse.kernel.device.DeviceMounts;
import io.hearth.fuse.kernel.device.Errno;
import io.hearth.fuse.kernel.device.Libc;
import io.hearth.fuse.kernel.session.KernelFiles.Kept;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import jnr.ffi.LastError;
import jnr.ffi.Runtime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is asked to have a file kept, and what becomes of refusals. */
class KernelFilesTest {
    private static final int DEVICE = 77;
    private static final int COPY = 78;

    @TempDir
    Path directory;

    private final Libc libc = Libc.load();
    private final List<String> calls = new ArrayList<>();
    private final List<Integer> open = new ArrayList<>();
    private final KernelFiles kernel = new KernelFiles(
            new DeviceMounts(fake(Libc.class, (proxy, method, arguments) -> called(method.getName(), arguments)))
                    .adopt(DEVICE),
            fake(FuseFileSystem.class, (proxy, method, arguments) -> next()),
            Duration.ofSeconds(1),
            this::now);

    private long nowNs;
    private Path file;
    private int own = 5;
    private int workers = -Errno.EPERM;

    @SuppressWarnings("unchecked")
    private static <T> T fake(Class<T> type, InvocationHandler handler) {
        return (T) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
    }

    /** The C library: the device's calls are answered as the test says. */
    private Object called(String name, Object[] arguments) {
        boolean copies = name.equals("open");
        if (name.equals("ioctl") && (Long) arguments[1] != 0x8004E500L) {
            calls.add((Long) arguments[1] == 0x4010E501L ? "keep" : "unkeep");
            LastError.setLastError(Runtime.getSystemRuntime(), Math.max(0, -own));
            return own < 0 ? -1 : own;
        }
        return copies ? COPY : 0;
    }

    private Optional<WholeFile> next() {
        calls.add("whole");
        int descriptor = libc.open(file.toString(), 0);
        open.add(descriptor);
        return Optional.of(new WholeFile() {
            @Override
            public int descriptor() {
                return descriptor;
            }

            @Override
            public boolean current() {
                return true;
            }

            @Override
            public int keep(IntSupplier device, Duration bound) {
                calls.add("worker");
                assertEquals(COPY, device.getAsInt());
                return workers;
            }

            @Override
            public void close() {
                assertTrue(open.remove((Integer) descriptor));
                libc.close(descriptor);
            }
        });
    }

    private long now() {
        return nowNs;
    }

    private Optional<Kept> keep() {
        calls.clear();
        return kernel.keep(1);
    }

    private void allowed() throws IOException {
        file = Files.createFile(directory.resolve("file"));
        kernel.allow();
    }

    @AfterEach
    void everyFileIsLetGo() {
        assertEquals(List.of(), open);
    }

    @Test
    void nothingIsAskedBeforeTheKernelAgreed() {
        assertEquals(Optional.empty(), keep());
        assertEquals(List.of(), calls);
    }

    @Test
    void whoMayAsksTheKernelItselfAndEndsIt() throws IOException {
        allowed();
        Kept kept = keep().orElseThrow();
        assertEquals(5, kept.id());
        kernel.end(kept);
        assertEquals(List.of("whole", "keep", "unkeep"), calls);
    }

    @Test
    void whoMayNotHasTheWorkerAskFromThenOn() throws IOException {
        allowed();
        own = -Errno.EPERM;
        workers = 9;
        Kept kept = keep().orElseThrow();
        assertEquals(9, kept.id());
        kernel.end(kept);
        assertEquals(List.of("whole", "keep", "worker"), calls, "the worker ends it with the file");
        kernel.end(keep().orElseThrow());
        assertEquals(List.of("whole", "worker"), calls);
    }

    @Test
    void aWorkerThatCannotNowIsAskedAgainByTheNextOpen() throws IOException {
        allowed();
        own = -Errno.EPERM;
        workers = -Errno.EAGAIN;
        assertEquals(Optional.empty(), keep());
        workers = 9;
        kernel.end(keep().orElseThrow());
        assertEquals(List.of("whole", "worker"), calls);
    }

    @Test
    void whatTheKernelLacksNowIsAskedForAgainByTheNextOpen() throws IOException {
        allowed();
        for (int errno : List.of(Errno.ENOMEM, Errno.EMFILE, Errno.ENFILE, Errno.EINTR, Errno.ENOSPC)) {
            own = -errno;
            assertEquals(Optional.empty(), keep());
            assertTrue(kernel.allowed());
        }
        own = 5;
        kernel.end(keep().orElseThrow());
    }

    @Test
    void whereNobodyMayNothingIsAskedForAWhileAndThenTheWorkerAgain() throws IOException {
        allowed();
        own = -Errno.EPERM;
        assertEquals(Optional.empty(), keep());
        assertFalse(kernel.allowed());
        nowNs += Duration.ofSeconds(30).toNanos() - 1;
        assertEquals(Optional.empty(), keep());
        assertEquals(List.of(), calls);
        nowNs++;
        workers = 9;
        kernel.end(keep().orElseThrow());
        assertEquals(List.of("whole", "worker"), calls);
    }

    @Test
    void aFileSystemThatIsRefusedIsNotAskedForAgainAndOthersAre() throws IOException {
        allowed();
        own = -Errno.ELOOP;
        assertEquals(Optional.empty(), keep());
        own = 5;
        assertEquals(Optional.empty(), keep());
        assertEquals(List.of("whole"), calls);
        file = Path.of("/proc/self/stat");
        kernel.end(keep().orElseThrow());
        file = directory.resolve("file");
        assertEquals(Optional.empty(), keep());
        assertTrue(kernel.allowed());
    }
}
