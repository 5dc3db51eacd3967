package io.hearth.objectstore.s3.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * The bytes of one answer, for one subscriber, on the event loop of their connection.
 *
 * <p>A buffer is lent, not given: it is valid until {@code onNext} has returned, and beyond that until the subscriber
 * asks for more or cancels, whichever thread does so. A subscriber that has asked for more than one must be done with a
 * buffer when {@code onNext} returns. The end comes after the last buffer was given back. An {@linkplain #abort abort}
 * takes back nothing that is lent: the subscriber cancels, or asks once more, when it is done.
 */
final class AnswerBody implements Publisher<ByteBuffer>, Subscription {
    private final EventExecutor loop;
    private final Exchange exchange;
    // Touched by the loop alone.
    private final ArrayDeque<ByteBuf> arrived = new ArrayDeque<>();
    private Optional<Subscriber<? super ByteBuffer>> subscriber = Optional.empty();
    private Optional<ByteBuf> lent = Optional.empty();
    private Optional<Optional<Throwable>> end = Optional.empty();
    private long demand;
    private boolean over;
    private boolean delivering;
    private boolean cancelled;

    AnswerBody(EventExecutor loop, Exchange exchange) {
        this.loop = loop;
        this.exchange = exchange;
    }

    /** Whether bytes are wanted that are not here yet. */
    boolean hungry() {
        return !over && end.isEmpty() && demand > 0 && arrived.isEmpty();
    }

    /** @param bytes owned by this from now on */
    void add(ByteBuf bytes) {
        if (over || !bytes.isReadable()) {
            bytes.release();
        } else {
            arrived.add(bytes);
            deliver();
        }
    }

    /** No more bytes come; what has arrived is given first. */
    void end(Optional<Throwable> failure) {
        if (end.isEmpty()) {
            end = Optional.of(failure);
            deliver();
        }
    }

    /** Gives nothing further. */
    void abort(Throwable why) {
        if (over) {
            return;
        }
        over = true;
        dropArrived();
        subscriber.ifPresent(one -> one.onError(why));
    }

    @Override
    public void subscribe(Subscriber<? super ByteBuffer> one) {
        onLoop(() -> {
            if (subscriber.isPresent()) {
                one.onSubscribe(this);
                one.onError(new IllegalStateException("the bytes of an answer have one subscriber"));
                return;
            }
            subscriber = Optional.of(one);
            one.onSubscribe(this);
            if (over) {
                one.onError(new IllegalStateException("the request was given up"));
            }
            deliver();
        });
    }

    @Override
    public void request(long count) {
        onLoop(() -> {
            demand = count > Long.MAX_VALUE - demand ? Long.MAX_VALUE : demand + count;
            giveBack();
            deliver();
            if (hungry()) {
                exchange.readMore();
            }
        });
    }

    @Override
    public void cancel() {
        onLoop(() -> {
            cancelled = true;
            giveBack();
            if (!over) {
                over = true;
                dropArrived();
                exchange.bodyCancelled();
            }
        });
    }

    /** The bytes that {@code onNext} is being given stay until it returns. */
    private void giveBack() {
        if (!delivering) {
            lent.ifPresent(ByteBuf::release);
            lent = Optional.empty();
        }
    }

    private void deliver() {
        if (delivering || subscriber.isEmpty()) {
            return;
        }
        while (!over && lent.isEmpty()) {
            if (arrived.isEmpty()) {
                finish();
                return;
            }
            if (demand == 0) {
                return;
            }
            lend(arrived.poll());
        }
    }

    private void lend(ByteBuf bytes) {
        demand = demand == Long.MAX_VALUE ? demand : demand - 1;
        lent = Optional.of(bytes);
        delivering = true;
        boolean taken = false;
        try {
            subscriber.orElseThrow().onNext(bytes.nioBuffer());
            taken = true;
        } catch (RuntimeException | Error e) {
            dropArrived();
            exchange.fail(e);
        } finally {
            delivering = false;
        }
        if (!taken || demand > 0 || cancelled) {
            giveBack();
        }
    }

    private void finish() {
        end.ifPresent(failure -> {
            over = true;
            failure.ifPresentOrElse(subscriber.orElseThrow()::onError, subscriber.orElseThrow()::onComplete);
            exchange.bodyEnded(failure);
        });
    }

    private void dropArrived() {
        arrived.forEach(ByteBuf::release);
        arrived.clear();
    }

    private void onLoop(Runnable step) {
        if (loop.inEventLoop()) {
            step.run();
            return;
        }
        try {
            loop.execute(step);
        } catch (RejectedExecutionException e) {
            // The client was closed, and its loop has ended: nobody else is here any more.
            dropArrived();
            giveBack();
        }
    }
}
