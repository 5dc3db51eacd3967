package io.hearth.fuse.kernel.session;

import io.hearth.fuse.FuseFileSystem;
import io.hearth.fuse.MountMetrics;
import io.hearth.fuse.ServingThreads;
import io.hearth.fuse.kernel.device.Errno;
import io.hearth.fuse.kernel.device.FuseDevice;
import io.hearth.fuse.kernel.device.ReadWaker;
import io.hearth.fuse.kernel.wire.InitReply;
import io.hearth.fuse.kernel.wire.MalformedRequestException;
import io.hearth.fuse.kernel.wire.Request;
import io.hearth.fuse.kernel.wire.RequestDecoder;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves one mount until it ends. The first thread is the caller's; further ones come when all are busy, each with a
 * descriptor of its own. Thread-safe.
 */
public final class KernelSession {
    private static final Logger LOG = LoggerFactory.getLogger(KernelSession.class);
    private static final long WAKE_NANOS = 2_000_000;

    /** After an unmount the kernel holds no notice back. */
    private static final Duration NOTICES_END = Duration.ofSeconds(1);

    private final FuseDevice device;
    private final FuseFileSystem files;
    private final NodeTable nodes;
    private final Tree tree;
    private final SessionParts parts;
    private final Negotiation negotiation;
    private final NameNotices notices;
    private final NodeNotices nodeNotices;
    private final ServingThreads threads;
    private final ReadWaker waker;
    private final CompletableFuture<Void> served = new CompletableFuture<>();
    private final CompletableFuture<InitReply> agreed = new CompletableFuture<>();
    private final AtomicBoolean surprised = new AtomicBoolean();
    private final AtomicBoolean begun = new AtomicBoolean();
    private volatile boolean leaving;

    /** @param device of the mount; this session closes it */
    public KernelSession(
            FuseDevice device, ReadWaker waker, FuseFileSystem files, SessionOptions options, MountMetrics metrics) {
        this.device = device;
        this.waker = waker;
        this.files = files;
        this.nodes = new NodeTable(FuseFileSystem.ROOT);
        this.tree = new Tree(files, nodes, options);
        KernelFiles kernel =
                new KernelFiles(device, files, options.passthroughWait().orElse(Duration.ZERO), System::nanoTime);
        OpenModes modes = new OpenModes(kernel, files, metrics);
        this.parts = new SessionParts(
                new ReplyBuffers(options.replyBytesMax(), options.requestBytesMax()), new InFlight(), modes, metrics);
        this.negotiation = new Negotiation(
                options.backgroundMax(),
                options.requestBytesMax() / options.pageBytes(),
                options.passthroughWait().isPresent());
        this.notices = new NameNotices(device, nodes);
        this.nodeNotices = new NodeNotices(files, nodes, modes, notices);
        this.threads = new ServingThreads(this::serveOnOne, options.threadsMax());
        metrics.kernelNodes(nodes::size);
    }

    /** What was agreed on with the kernel; fails where it speaks no protocol that we do, or ended before. */
    public CompletableFuture<InitReply> agreed() {
        return agreed.copy();
    }

    /** Serves on the calling thread and others, until the mount has ended or {@link #leave} was called. */
    public void serve() {
        files.watchNames(notices);
        files.watchFiles(nodeNotices);
        try {
            if (!threads.serve()) {
                LOG.warn("a request is still being answered after its mount ended");
            }
        } finally {
            boolean quiet = endNotices(NOTICES_END);
            parts.modes().close();
            if (quiet) {
                device.close();
            } else {
                // Its number would be another file's while a thread still writes to it.
                LOG.warn("the kernel holds up a notice: the FUSE device stays open until this process ends");
            }
            served.complete(null);
            agreed.completeExceptionally(
                    new HearthException(FailureKind.UNAVAILABLE, "the mount ended before the kernel spoke"));
        }
    }

    private boolean endNotices(Duration bound) {
        long deadline = System.nanoTime() + bound.toNanos();
        boolean quiet = nodeNotices.end(bound);
        return notices.end(Duration.ofNanos(Math.max(0, deadline - System.nanoTime()))) && quiet;
    }

    /**
     * Stops serving a mount that lives on, as one does that others have mounted. Notices end first, while requests are
     * still answered: the kernel may make one wait for a look-up in the same directory.
     *
     * @return whether all threads have ended within {@code bound}
     */
    public boolean leave(Duration bound) {
        long deadline = System.nanoTime() + bound.toNanos();
        endNotices(bound.dividedBy(2));
        leaving = true;
        parts.inFlight().endAll();
        while (!served.isDone() && System.nanoTime() < deadline) {
            waker.wakeAll();
            LockSupport.parkNanos(WAKE_NANOS);
        }
        return served.isDone();
    }

    private void serveOnOne() {
        boolean first = begun.compareAndSet(false, true);
        try (Channel channel = newChannel(first)) {
            waker.enter();
            Dispatcher dispatcher = new Dispatcher(tree, channel, parts, surprised);
            int errno = 0;
            while (!leaving && !ends(errno)) {
                errno = channel.receive();
                if (errno == 0) {
                    threads.entered();
                    try {
                        answer(channel, dispatcher);
                    } finally {
                        threads.left();
                    }
                }
            }
            parts.inFlight().endAll();
        } finally {
            waker.exit();
        }
    }

    private Channel newChannel(boolean first) {
        return new Channel(
                first ? device.shared() : device.another(), parts.buffers().bufferBytes());
    }

    /** Whether the device gives no more; a withdrawn request, a signal and an empty queue are passed over. */
    private boolean ends(int errno) {
        switch (errno) {
            case 0, Errno.ENOENT, Errno.EINTR, Errno.EAGAIN:
                return false;
            case Errno.ENODEV, Errno.ECONNABORTED:
                return true;
            default:
                LOG.warn("the FUSE device answers errno {}: this mount ends", errno);
                leaving = true;
                return true;
        }
    }

    private void answer(Channel channel, Dispatcher dispatcher) {
        try {
            Request request = RequestDecoder.decode(channel.request());
            if (request instanceof Request.Init offer) {
                agree(channel, offer);
            } else {
                dispatcher.answer(request);
            }
        } catch (MalformedRequestException e) {
            malformed(channel, e);
        }
    }

    private void agree(Channel channel, Request.Init offer) {
        Optional<InitReply> answer = negotiation.answer(offer);
        if (answer.isEmpty()) {
            channel.reply().error(offer.header().unique(), Errno.EPROTO);
            channel.send();
            agreed.completeExceptionally(new HearthException(
                    FailureKind.UNSUPPORTED_VERSION,
                    "this kernel speaks FUSE " + offer.major() + "." + offer.minor() + ", before 7.23 (Linux 3.15)"));
            return;
        }
        boolean passes = answer.get().extendedFlags() != 0;
        if (passes) {
            parts.modes().allow();
        } else if (negotiation.wantsPassthrough()) {
            LOG.warn(
                    "resident files are read through this process: this kernel cannot read them itself (Linux 6.9 can)");
        }
        channel.reply().init(offer.header().unique(), answer.get());
        if (channel.send() && offer.major() == Negotiation.MAJOR) {
            LOG.debug(
                    "FUSE {}.{}, flags {}",
                    offer.major(),
                    offer.minor(),
                    answer.get().flags());
            agreed.complete(answer.get());
        }
    }

    private void malformed(Channel channel, MalformedRequestException cause) {
        if (surprised.compareAndSet(false, true)) {
            LOG.warn("the kernel sent no request of ours: {}", cause.getMessage());
        }
        try {
            channel.reply().error(RequestDecoder.header(channel.request()).unique(), Errno.EIO);
            channel.send();
        } catch (MalformedRequestException e) {
            // Too short to be answered.
        }
    }
}
