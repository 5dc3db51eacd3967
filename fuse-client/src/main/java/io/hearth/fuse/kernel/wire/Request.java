package io.hearth.fuse.kernel.wire;

import java.util.Optional;

/** One question of the kernel. */
public sealed interface Request {
    RequestHeader header();

    /**
     * @param minor of protocol 7
     * @param flags what the kernel offers, the lower 32 bits
     * @param flags2 the upper 32 bits; 0 from kernels before 7.36
     */
    record Init(RequestHeader header, int major, int minor, int maxReadAhead, int flags, int flags2)
            implements Request {}

    /** @param name empty where the bytes are no UTF-8, which no name of a generation is */
    record Lookup(RequestHeader header, Optional<String> name) implements Request {}

    /** @param count how many answers that named the node the kernel has forgotten; unsigned */
    record Forget(RequestHeader header, long count) implements Request {}

    /** Two columns of the same length. */
    record BatchForget(RequestHeader header, long[] nodeIds, long[] counts) implements Request {}

    record GetAttributes(RequestHeader header) implements Request {}

    /** {@code statx(2)} that asks for the time of birth. */
    record Statx(RequestHeader header) implements Request {}

    /** @param flags of {@code open(2)} */
    record Open(RequestHeader header, int flags) implements Request {}

    record OpenDirectory(RequestHeader header) implements Request {}

    /** @param sizeBytes unsigned */
    record Read(RequestHeader header, long handle, long offset, int sizeBytes) implements Request {}

    /**
     * @param offset that of the last entry the kernel took; 0 at the start
     * @param sizeBytes unsigned
     * @param plus whether attributes are wanted too
     */
    record ReadDirectory(RequestHeader header, long handle, long offset, int sizeBytes, boolean plus)
            implements Request {}

    record Release(RequestHeader header, long handle) implements Request {}

    record ReleaseDirectory(RequestHeader header, long handle) implements Request {}

    record StatFs(RequestHeader header) implements Request {}

    /** @param target the request whose asker no longer waits */
    record Interrupt(RequestHeader header, long target) implements Request {}

    record Destroy(RequestHeader header) implements Request {}

    /** Would change the tree. */
    record Change(RequestHeader header) implements Request {}

    /** Not served; see {@link Opcode#OTHER}. */
    record Unserved(RequestHeader header) implements Request {}
}
