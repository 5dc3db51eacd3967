package io.hearth.fuse.kernel.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/** Memory outside the heap with its address, in the machine's byte order. It lives as long as this is reachable. */
public final class NativeBuffer {
    private final ByteBuffer bytes;
    private final long address;

    private NativeBuffer(ByteBuffer bytes) {
        this.bytes = bytes;
        this.address = Pointer.wrap(Runtime.getSystemRuntime(), bytes).address();
    }

    public static NativeBuffer allocate(int sizeBytes) {
        return new NativeBuffer(ByteBuffer.allocateDirect(sizeBytes).order(ByteOrder.nativeOrder()));
    }

    public ByteBuffer bytes() {
        return bytes;
    }

    long address() {
        return address;
    }
}
