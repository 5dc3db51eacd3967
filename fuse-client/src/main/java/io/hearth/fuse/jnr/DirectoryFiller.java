package io.hearth.fuse.jnr;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import java.nio.charset.StandardCharsets;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import ru.serce.jnrfuse.struct.FileStat;

/** Calls libfuse's {@code fuse_fill_dir_t}. For one listing, on one thread; {@link #close} frees its memory. */
final class DirectoryFiller implements AutoCloseable {
    private static final int NAME_BYTES_MAX = 256;
    private static final int STAT_BYTES = 256;
    private static final MemoryIO MEMORY = MemoryIO.getInstance();
    private static final CallContext SIGNATURE = CallContext.getCallContext(
            Type.SINT32,
            new Type[] {Type.POINTER, Type.POINTER, Type.POINTER, Type.SINT64},
            CallingConvention.DEFAULT,
            false);

    private final long function;
    private final long buffer;
    private final long name;
    private final FileStat stat;

    DirectoryFiller(long function, long buffer) {
        this.function = function;
        this.buffer = buffer;
        this.name = MEMORY.allocateMemory(NAME_BYTES_MAX + STAT_BYTES, true);
        if (name == 0) {
            throw new OutOfMemoryError("no native memory for a listing");
        }
        this.stat = FileStat.of(Pointer.wrap(Runtime.getSystemRuntime(), name + NAME_BYTES_MAX));
    }

    /** Adds an entry; libfuse reads the number and the type alone. */
    void add(String entry, long displayInode, boolean directory) {
        byte[] bytes = entry.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= NAME_BYTES_MAX) {
            return; // The master takes no such key; the kernel could not either.
        }
        MEMORY.putZeroTerminatedByteArray(name, bytes, 0, bytes.length);
        stat.st_ino.set(displayInode);
        stat.st_mode.set(directory ? FileStat.S_IFDIR : FileStat.S_IFREG);
        Invoker.getInstance().invokeN4(SIGNATURE, function, buffer, name, name + NAME_BYTES_MAX, 0);
    }

    @Override
    public void close() {
        MEMORY.freeMemory(name);
    }
}
