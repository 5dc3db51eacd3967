package io.hearth.worker.descriptor;

import io.hearth.protocol.HearthException;
import io.hearth.protocol.wire.Message.Failed;
import io.hearth.protocol.wire.Message.KeepFile;
import io.hearth.protocol.wire.Message.Kept;
import io.hearth.protocol.wire.Message.SendDevice;
import io.hearth.protocol.wire.Message.UnkeepFile;
import io.hearth.worker.tier.ObjectFile;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.unix.DomainSocketChannelConfig;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;
import java.util.function.LongPredicate;

/**
 * The part of one conversation that is about files which the kernel keeps: has the peer's device brought before the
 * first request, and runs each on a thread that the peer has for itself. Event loop only, one request at a time.
 */
final class KeepRequests {
    /** How long the readers of a mount that has died may hang: its device is open here until that is seen. */
    private static final long LOOK_MS = 100;

    private final ChannelHandlerContext ctx;
    private final KernelKeeper keeper;
    private final int user;
    private final PeerLife process;
    private final PeerFiles files;
    private final LongPredicate held;
    private final KeepThread thread;
    private final Set<Long> kept = new HashSet<>();
    private boolean hasDevice;
    private Optional<Request> waiting = Optional.empty();
    private boolean busy;

    /**
     * @param work blocks; gives what {@link Kept} says
     * @param over runs once, on any thread, whatever became of it
     * @param done learns the result, on the event loop
     */
    private record Request(long id, IntSupplier work, Runnable over, IntConsumer done) {}

    /**
     * @param user who the peer is
     * @param process closed with all else
     * @param held whether the peer has that grant now
     */
    KeepRequests(ChannelHandlerContext ctx, KernelKeeper keeper, int user, PeerLife process, LongPredicate held) {
        this.ctx = ctx;
        this.keeper = keeper;
        this.user = user;
        this.process = process;
        this.files = keeper.peer(user, process);
        this.held = held;
        this.thread = new KeepThread(files::letGo);
    }

    /** Whether a request is not answered yet. */
    boolean busy() {
        return busy;
    }

    /** @param file of the grant, which the peer has */
    void keep(KeepFile wanted, ObjectFile file) {
        long grant = wanted.grant();
        file.retain();
        ask(new Request(wanted.requestId(), () -> files.keep(grant, file), file::release, id -> {
            if (id > 0) {
                kept.add(grant);
            }
            if (!held.test(grant)) {
                letGo(grant); // Let go while it was being kept.
            }
        }));
    }

    void unkeep(UnkeepFile wanted) {
        ask(new Request(wanted.requestId(), () -> files.unkeep(wanted.backingId()), () -> {}, id -> {}));
    }

    private void ask(Request request) {
        busy = true;
        if (hasDevice) {
            run(request, Optional.empty());
        } else {
            waiting = Optional.of(request);
            readMode(DomainSocketReadMode.FILE_DESCRIPTORS);
            ctx.writeAndFlush(new SendDevice(request.id()));
        }
    }

    /** What comes while the socket is read for descriptors. */
    void came(FileDescriptor device) {
        readMode(DomainSocketReadMode.BYTES);
        if (waiting.isEmpty()) {
            closeQuietly(device); // More came than was asked for.
            return;
        }
        Request request = waiting.get();
        waiting = Optional.empty();
        run(
                new Request(request.id(), request.work(), request.over(), id -> {
                    hasDevice = true;
                    request.done().accept(id);
                }),
                Optional.of(device));
    }

    private static void closeQuietly(FileDescriptor device) {
        try {
            device.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    private void run(Request request, Optional<FileDescriptor> device) {
        thread.ask(() -> counted(request.work(), device)).whenComplete((id, failure) -> {
            request.over().run();
            onLoop(() -> {
                if (failure == null) {
                    busy = false;
                    request.done().accept(id);
                    ctx.writeAndFlush(new Kept(request.id(), id));
                } else {
                    failed(request, HearthException.of(failure));
                }
            });
        });
    }

    /** @param device looked at and closed here alone: a peer's descriptor may hold up both for good */
    private int counted(IntSupplier work, Optional<FileDescriptor> device) {
        try {
            keeper.requests().take(user);
        } catch (HearthException e) {
            device.ifPresent(PeerFiles::close);
            throw e;
        }
        try {
            device.ifPresent(files::device);
            return work.getAsInt();
        } finally {
            keeper.requests().give(user);
        }
    }

    private void failed(Request request, HearthException why) {
        busy = false;
        ctx.writeAndFlush(new Failed(request.id(), why.kind(), String.valueOf(why.getMessage())));
    }

    /** The loop ends with the connection, and then all is let go. */
    private void onLoop(Runnable step) {
        try {
            ctx.executor().execute(step);
        } catch (RejectedExecutionException e) {
            busy = false;
        }
    }

    private void readMode(DomainSocketReadMode mode) {
        ((DomainSocketChannelConfig) ctx.channel().config()).setReadMode(mode);
    }

    /** The grant is gone, and with it its id. */
    void letGo(long grant) {
        if (kept.remove(grant)) {
            thread.end(grant);
        }
    }

    /**
     * The connection is gone. If the process is not, its mount's nodes may still name what is kept, and so it stays
     * until the process, or a later connection of it, ends it. A process that ends closes its sockets first.
     */
    void end() {
        waiting.ifPresent(request -> request.over().run());
        waiting = Optional.empty();
        if (kept.isEmpty() || keeper.ending()) {
            close();
        } else {
            keeper.left().add(process.number(), files);
            look();
        }
    }

    private void look() {
        if (files.none() || keeper.ending() || process.over()) {
            forget();
            return;
        }
        try {
            ctx.executor().schedule(this::look, LOOK_MS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            forget(); // The worker ends.
        }
    }

    private void forget() {
        keeper.left().remove(process.number(), files);
        close();
    }

    private void close() {
        thread.close(files::end);
        process.close();
    }
}
