package io.hearth.worker.descriptor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/**
 * By a descriptor of the process (pidfd), which the socket gives (SO_PEERPIDFD, Linux 6.5; the kernel reads files itself
 * from 6.9 on): that also knows a process in another container.
 */
final class PeerProcess implements PeerLife {
    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERPIDFD = 77;
    private static final short POLLIN = 1;
    private static final int POLLFD_BYTES = 8;
    private static final int EVENTS_OFFSET = 4;

    private final int pidfd;
    private final long number;
    private boolean closed;

    private PeerProcess(int pidfd, long number) {
        this.pidfd = pidfd;
        this.number = number;
    }

    /** Of a connected socket; {@link PeerLife#UNKNOWN} where the kernel does not say. */
    static PeerLife of(int socket) {
        try {
            Pointer value = Memory.allocateDirect(KernelCalls.runtime(), 2 * Integer.BYTES, true);
            value.putInt(Integer.BYTES, Integer.BYTES);
            Pointer length = value.slice(Integer.BYTES);
            if (KernelCalls.c().getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, value, length) != 0) {
                return UNKNOWN;
            }
            int pidfd = value.getInt(0);
            try {
                return new PeerProcess(pidfd, (Long) Files.getAttribute(Path.of("/proc/self/fd/" + pidfd), "unix:ino"));
            } catch (IOException e) {
                KernelCalls.c().close(pidfd);
                return UNKNOWN;
            }
        } catch (LinkageError e) {
            return UNKNOWN;
        }
    }

    @Override
    public synchronized boolean over() {
        if (closed) {
            return true;
        }
        Pointer asked = Memory.allocateDirect(KernelCalls.runtime(), POLLFD_BYTES, true);
        asked.putInt(0, pidfd);
        asked.putShort(EVENTS_OFFSET, POLLIN);
        return KernelCalls.c().poll(asked, 1, 0) != 0;
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            KernelCalls.c().close(pidfd);
        }
    }
}
