package io.hearth.worker.descriptor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/** By {@code ioctl(2)} on the device (linux/fuse.h), which Java has no call for. */
final class DeviceBacking implements Backing {
    /** {@code _IOW(229, 1, struct fuse_backing_map)}, which is descriptor, flags and 0. */
    private static final long BACKING_OPEN = 0x4010_E501L;

    /** {@code _IOW(229, 2, uint32_t)}. */
    private static final long BACKING_CLOSE = 0x4004_E502L;

    private static final int BACKING_MAP_BYTES = 16;

    @Override
    public int open(int device, int file) {
        ByteBuffer map = zeros(BACKING_MAP_BYTES).putInt(0, file);
        return call(device, BACKING_OPEN, map);
    }

    @Override
    public int close(int device, int id) {
        return call(device, BACKING_CLOSE, zeros(Integer.BYTES).putInt(0, id));
    }

    private static ByteBuffer zeros(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }

    private static int call(int device, long request, ByteBuffer argument) {
        try {
            Pointer memory = Memory.allocateDirect(KernelCalls.runtime(), argument.capacity());
            memory.put(0, argument.array(), 0, argument.capacity());
            int result = KernelCalls.c().ioctl(device, request, memory);
            return result < 0 ? -KernelCalls.errno() : result;
        } catch (LinkageError e) {
            return -EPERM; // Without native code nobody here may.
        }
    }
}
