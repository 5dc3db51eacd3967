package io.hearth.fuse.kernel.device;

import com.kenai.jffi.Library;
import java.util.HashSet;
import java.util.Set;

/**
 * Wakes threads that wait in {@link FuseDevice#receive}, with {@code EINTR}: by a signal, for the device knows no other
 * way and closing a descriptor wakes nobody. The signal's handler is a function of the C library that does nothing, so
 * that no Java code runs in it. Thread-safe.
 */
public final class ReadWaker {
    /** A real-time signal that neither the JDK (62) nor the C library (32, 33) uses. */
    private static final int SIGNAL = 57;

    /** {@code struct sigaction}: the handler, 128 bytes of mask, flags (none: a read is not begun again), restorer. */
    private static final int ACTION_BYTES = 152;

    private final Libc libc;
    private final boolean installed;
    private final Set<Integer> threads = new HashSet<>();

    public ReadWaker(Libc libc) {
        this.libc = libc;
        long handler = Library.getDefault().getSymbolAddress("getpid");
        NativeBuffer action = NativeBuffer.allocate(ACTION_BYTES);
        action.bytes().putLong(0, handler);
        // Without a handler the signal would end the process.
        installed = handler != 0 && libc.sigaction(SIGNAL, action.address(), 0) == 0;
    }

    /** The calling thread may be woken from now on. */
    public synchronized void enter() {
        threads.add(libc.gettid());
    }

    /** And no more; call on the same thread. */
    public synchronized void exit() {
        threads.remove(libc.gettid());
    }

    /** Wakes all that wait now; who is just about to wait is missed, so call again until all are gone. */
    public synchronized void wakeAll() {
        int process = libc.getpid();
        (installed ? threads : Set.<Integer>of()).forEach(thread -> libc.tgkill(process, thread, SIGNAL));
    }
}
