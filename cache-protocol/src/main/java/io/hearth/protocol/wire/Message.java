package io.hearth.protocol.wire;

import io.hearth.protocol.BlockOrder;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;

/**
 * What is said on a data-plane connection.
 *
 * <p>The client opens with {@link Hello}; the server answers {@link Welcome} or {@link Refused} and closes. Then any
 * number of requests run at once on one connection, told apart by {@code requestId}, which the client chooses and does
 * not use again while the request runs. A {@link Read} is answered by {@link Data} frames in ascending order without
 * gaps that sum to its length, or at any point by {@link Failed}; then nothing more comes for that id.
 *
 * <p>A worker's Unix socket speaks the same frames for another purpose, one request at a time: {@link OpenDescriptor}
 * is answered by {@link Granted} or {@link Failed}; the client, once it is ready for it, says {@link TakeDescriptor}
 * and gets the descriptor as ancillary data (SCM_RIGHTS) of one byte, before which the worker says nothing else. Which
 * bytes may be read by the descriptor is told on the data plane, by {@link Ready} in answer to {@link AwaitReady}.
 */
public sealed interface Message {
    /** First frame of a connection. Its layout never changes, so that any two versions can refuse each other. */
    record Hello(int versionMin, int versionMax, long features, String token) implements Message {
        @Override
        public String toString() {
            return "Hello[" + versionMin + " to " + versionMax + ", " + features + "]";
        }
    }

    /** The server takes the connection and speaks {@code version} with {@code features}. */
    record Welcome(int version, long features, String workerId, long incarnation) implements Message {}

    /** The server does not take the connection; {@code reason} is one line for a person. */
    record Refused(int versionMin, int versionMax, String reason) implements Message {}

    /**
     * Asks for {@code length} bytes (1 to {@link MessageCodec#READ_BYTES_MAX}) at {@code offset}, within the object.
     */
    record Read(long requestId, RequestContext context, ObjectRef object, long offset, int length) implements Message {}

    /** Says that these bytes will be wanted soon; the server may fill them or not. Never answered. */
    record Prefetch(RequestContext context, ObjectRef object, long offset, long length) implements Message {}

    /**
     * Says that these blocks will be wanted soon, in this order, as {@link Prefetch} does. Only to a server that said
     * {@link Features#BLOCKS}.
     *
     * @param blocks at most {@link MessageCodec#RUNS_MAX} runs, within the object
     */
    record PrefetchBlocks(RequestContext context, ObjectRef object, BlockOrder blocks) implements Message {}

    /** The client no longer wants the answer. The server stops sending; frames under way may still arrive. */
    record Cancel(long requestId) implements Message {}

    /**
     * Head of a data frame; the rest of the frame is the payload, which never crosses a chunk's border.
     *
     * @param wholeChunk whether the payload is one whole chunk, with its checksum
     * @param crc32c the chunk's CRC32C where {@code wholeChunk}, else 0
     */
    record Data(long requestId, long offset, boolean wholeChunk, int crc32c) implements Message {}

    /** The request failed; {@code reason} is one line. */
    record Failed(long requestId, FailureKind kind, String reason) implements Message {}

    /**
     * As {@link Read}, for a client that holds a descriptor of the object's file: answered by {@link Ready} frames
     * instead of {@link Data}, or by {@link Failed}. Only to a server whose {@link Welcome} has {@link Features#READY}.
     */
    record AwaitReady(long requestId, long grant, RequestContext context, ObjectRef object, long offset, int length)
            implements Message {}

    /**
     * These bytes are in the granted file, verified: they may be read by the descriptor. Ranges follow each other
     * without gaps; the last may reach beyond what was asked for.
     */
    record Ready(long requestId, long offset, long length) implements Message {}

    /** Asks for a read-only descriptor of the object's file. Unix socket only. */
    record OpenDescriptor(long requestId, RequestContext context, ObjectRef object) implements Message {}

    /** The descriptor can be had. {@code grant} names this file, not the object: a file made anew has another. */
    record Granted(long requestId, long grant) implements Message {}

    /** The client now takes the descriptor; its next byte carries it. */
    record TakeDescriptor(long requestId) implements Message {}

    /** The client has closed the descriptor. */
    record LetGo(long grant) implements Message {}

    /**
     * All of the granted file is there and verified, and the client may have the kernel keep it. Said at most once for
     * a grant, before {@link Granted} if it is so by then; only to a client whose {@link Hello} has
     * {@link Features#WHOLE}.
     */
    record Whole(long grant) implements Message {}

    /** The file has left its tier or had a bad chunk: close the descriptor and ask for another. */
    record Revoked(long grant) implements Message {}

    /**
     * Asks that the kernel keep the granted file, which is {@link Whole}, for the client's FUSE mount. Answered by
     * {@link Kept} or {@link Failed}; before that by {@link SendDevice}, where the connection has not brought the
     * mount's device yet, and until the client has sent it then, it sends nothing else. The id ends with the grant, or
     * with the connection. Unix socket only, and only to a server whose {@link Welcome} has {@link Features#KEEP}.
     */
    record KeepFile(long requestId, long grant) implements Message {}

    /**
     * Ends an id that an earlier life of the worker gave to the client's mount; answered as {@link KeepFile}, with id
     * 0.
     */
    record UnkeepFile(long requestId, int backingId) implements Message {}

    /** The client's next byte is to carry a descriptor of its mount's device, for this connection's requests. */
    record SendDevice(long requestId) implements Message {}

    /** @param backingId by which opens in the client's mount may name the file; or the kernel's errno, negative */
    record Kept(long requestId, int backingId) implements Message {}

    /** Keeps a connection alive and measures it. */
    record Ping(long nonce) implements Message {}

    /** Answers {@link Ping}. */
    record Pong(long nonce) implements Message {}
}
