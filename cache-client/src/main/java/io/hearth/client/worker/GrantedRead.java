package io.hearth.client.worker;

import io.hearth.client.local.ReadyRanges.Listener;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.wire.Message;
import java.util.concurrent.CompletableFuture;

/** Waits for a range of a granted file: no byte of it comes over the connection. Event loop only. */
final class GrantedRead implements PendingRead {
    private final long end;
    private final Listener listener;
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    private long position;
    private long progressNs = System.nanoTime();

    GrantedRead(long offset, int length, Listener listener) {
        this.position = offset;
        this.end = offset + length;
        this.listener = listener;
    }

    void accept(Message.Ready told) {
        if (told.offset() != position) {
            throw new HearthException(
                    FailureKind.CORRUPT,
                    "a worker said that bytes from " + told.offset() + " are there where " + position
                            + " must come next");
        }
        position += told.length();
        progress();
        listener.ready(told.offset(), told.length());
        if (position >= end) {
            result.complete(null);
        }
    }

    @Override
    public CompletableFuture<Void> result() {
        return result;
    }

    @Override
    public boolean received() {
        return position >= end;
    }

    @Override
    public void progress() {
        progressNs = System.nanoTime();
    }

    @Override
    public long progressNs() {
        return progressNs;
    }

    @Override
    public void fail(HearthException failure) {
        result.completeExceptionally(failure);
    }

    @Override
    public void drop() {}
}
