package io.hearth.fuse.kernel.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jnr.ffi.LastError;
import jnr.ffi.Runtime;
import org.junit.jupiter.api.Test;

class FuseDeviceTest {
    private static final int DEVICE = 77;
    private static final int FRESH = 78;
    private static final int COPY = 79;

    private final List<String> calls = new ArrayList<>();
    private Optional<Integer> readErrno = Optional.empty();
    private boolean clones = true;

    private final FuseDevice device = new FuseDevice(
            (Libc) Proxy.newProxyInstance(
                    Libc.class.getClassLoader(),
                    new Class<?>[] {Libc.class},
                    (proxy, method, arguments) -> called(method.getName())),
            DEVICE,
            true);

    private Object called(String name) {
        calls.add(name);
        switch (name) {
            case "read":
                LastError.setLastError(Runtime.getSystemRuntime(), readErrno.orElse(0));
                return readErrno.isPresent() ? -1L : 40L;
            case "open":
                return FRESH;
            case "ioctl":
                return clones ? 0 : -1;
            case "fcntl":
                return COPY;
            default:
                return 0;
        }
    }

    @Test
    void aDeviceThatDoesNotBlockIsWaitedForAndNotReadAgainAndAgain() {
        NativeBuffer into = NativeBuffer.allocate(100);
        readErrno = Optional.of(Errno.EAGAIN);
        assertEquals(Errno.EAGAIN, device.receive(into));
        assertEquals(List.of("read", "poll"), calls);
        readErrno = Optional.empty();
        assertEquals(0, device.receive(into));
        assertEquals(40, into.bytes().limit());
        readErrno = Optional.of(Errno.ENODEV);
        assertEquals(Errno.ENODEV, device.receive(into));
        assertEquals(List.of("read", "poll", "read", "read"), calls);
    }

    @Test
    void whatIsGivenAwaySharesNoFlagsWhereTheKernelClonesTheDevice() {
        assertEquals(FRESH, device.copy());
        clones = false;
        assertEquals(COPY, device.copy());
        assertEquals(List.of("open", "ioctl", "open", "ioctl", "close", "fcntl"), calls);
    }
}
