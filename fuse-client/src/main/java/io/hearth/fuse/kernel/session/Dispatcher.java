package io.hearth.fuse.kernel.session;

import io.hearth.fuse.FuseErrno;
import io.hearth.fuse.MountMetrics;
import io.hearth.fuse.MountMetrics.Operation;
import io.hearth.fuse.kernel.device.Errno;
import io.hearth.fuse.kernel.wire.Request;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives each request to who answers it; nothing that goes wrong there leaves here but as an errno. One a thread. */
final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final Channel channel;
    private final NodeAnswers nodes;
    private final FileAnswers files;
    private final DirectoryAnswers directories;
    private final InFlight inFlight;
    private final MountMetrics metrics;
    private final AtomicBoolean surprised;

    /** @param surprised whether a failure that nobody foresaw was logged in this session */
    Dispatcher(Tree tree, Channel channel, SessionParts parts, AtomicBoolean surprised) {
        this.channel = channel;
        this.nodes = new NodeAnswers(tree, channel);
        this.files = new FileAnswers(tree, channel, parts);
        this.directories = new DirectoryAnswers(tree, channel);
        this.inFlight = parts.inFlight();
        this.metrics = parts.metrics();
        this.surprised = surprised;
    }

    /** Any request but INIT. */
    void answer(Request request) {
        if (request instanceof Request.Read read) {
            timed(Operation.READ, request, () -> files.read(read));
        } else if (request instanceof Request.Lookup lookup) {
            timed(Operation.LOOKUP, request, () -> count(nodes.lookup(lookup)));
        } else if (request instanceof Request.GetAttributes wanted) {
            timed(Operation.GETATTR, request, () -> nodes.attributes(wanted));
        } else if (request instanceof Request.Statx wanted) {
            timed(Operation.STATX, request, () -> nodes.statx(wanted));
        } else if (request instanceof Request.Open open) {
            timed(Operation.OPEN, request, () -> files.open(open));
        } else if (request instanceof Request.Release release) {
            timed(Operation.RELEASE, request, () -> files.release(release));
        } else if (request instanceof Request.ReadDirectory read) {
            timed(read.plus() ? Operation.READDIRPLUS : Operation.READDIR, request, () -> directories.read(read));
        } else if (request instanceof Request.OpenDirectory open) {
            timed(Operation.OPENDIR, request, () -> directories.open(open));
        } else if (request instanceof Request.ReleaseDirectory release) {
            timed(Operation.RELEASEDIR, request, () -> directories.release(release));
        } else if (request instanceof Request.StatFs wanted) {
            timed(Operation.STATFS, request, () -> nodes.statFs(wanted));
        } else if (!withoutAnswer(request)) {
            refuse(request);
        }
    }

    /** Whether it was one of those that the kernel wants no answer to. */
    private boolean withoutAnswer(Request request) {
        long start = System.nanoTime();
        if (request instanceof Request.Forget forget) {
            nodes.forget(forget);
            metrics.operation(Operation.FORGET, start);
        } else if (request instanceof Request.BatchForget forget) {
            nodes.forget(forget);
            metrics.operation(Operation.FORGET, start);
        } else if (request instanceof Request.Interrupt interrupt) {
            inFlight.interrupt(interrupt.target());
            metrics.operation(Operation.INTERRUPT, start);
        } else {
            return false;
        }
        return true;
    }

    private void refuse(Request request) {
        if (request instanceof Request.Destroy) {
            channel.reply().done(request.header().unique());
            channel.send();
        } else {
            fail(request, request instanceof Request.Change ? FuseErrno.EROFS.number() : Errno.ENOSYS);
        }
    }

    private void timed(Operation operation, Request request, Runnable answer) {
        long start = System.nanoTime();
        try {
            answer.run();
        } catch (Throwable e) {
            int errno = FuseErrno.of(e);
            if (errno == FuseErrno.EIO.number() && surprised.compareAndSet(false, true)) {
                LOG.warn("{} failed; further failures are counted, not logged", operation, e);
            }
            count(errno);
            fail(request, errno);
        }
        metrics.operation(operation, start);
    }

    private void fail(Request request, int errno) {
        channel.reply().error(request.header().unique(), errno);
        channel.send();
    }

    private void count(int errno) {
        if (errno != 0) {
            metrics.error(errno);
        }
    }
}
