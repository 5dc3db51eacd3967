package io.hearth.worker.descriptor;

import io.hearth.client.wire.DataFrame;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.wire.Features;
import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.Message.Failed;
import io.hearth.protocol.wire.Message.Granted;
import io.hearth.protocol.wire.Message.Hello;
import io.hearth.protocol.wire.Message.KeepFile;
import io.hearth.protocol.wire.Message.LetGo;
import io.hearth.protocol.wire.Message.OpenDescriptor;
import io.hearth.protocol.wire.Message.Ping;
import io.hearth.protocol.wire.Message.Pong;
import io.hearth.protocol.wire.Message.Refused;
import io.hearth.protocol.wire.Message.Revoked;
import io.hearth.protocol.wire.Message.TakeDescriptor;
import io.hearth.protocol.wire.Message.UnkeepFile;
import io.hearth.protocol.wire.Message.Welcome;
import io.hearth.protocol.wire.Message.Whole;
import io.hearth.protocol.wire.MessageCodec;
import io.hearth.worker.tier.ObjectFile;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.FileDescriptor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One holder of descriptors: one request at a time, and nothing is said between {@link Granted} and the descriptor,
 * because the holder then reads for ancillary data. Grants end with the connection. Event loop only.
 */
final class DescriptorConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(DescriptorConnection.class);

    private static final int HELLO_SECONDS_MAX = 10;

    /**
     * How often held files are looked at: an evicted one takes memory until its holder lets go, a whole one is read
     * best.
     */
    private static final long LOOK_MS = 100;

    private final String workerId;
    private final long incarnation;
    private final Offers offers;
    private final boolean takesMore;
    private final Map<Long, ObjectFile> held = new HashMap<>();
    private final Map<Long, ObjectFile> asked = new HashMap<>();
    private final Set<Long> toldWhole = new HashSet<>();
    private Optional<Offer> offer = Optional.empty();
    private boolean busy;
    private boolean greeted;
    private boolean wantsWhole;
    private ChannelHandlerContext ctx;
    private Optional<KeepRequests> kernel = Optional.empty();

    /** @param takesMore false for one connection too many: it is refused in words */
    DescriptorConnection(String workerId, long incarnation, Offers offers, boolean takesMore) {
        this.workerId = workerId;
        this.incarnation = incarnation;
        this.offers = offers;
        this.takesMore = takesMore;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.executor()
                .schedule(
                        () -> {
                            if (!greeted) {
                                context.close();
                            }
                        },
                        HELLO_SECONDS_MAX,
                        TimeUnit.SECONDS);
        var looking = context.executor().scheduleWithFixedDelay(this::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
        context.channel().closeFuture().addListener(closed -> looking.cancel(false));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
        if (frame instanceof FileDescriptor device) {
            kernel.orElseThrow().came(device);
        } else if (frame instanceof DataFrame data) {
            data.release();
            broken("a data frame");
        } else if (frame instanceof Hello hello && !greeted) {
            greet(hello);
        } else if (!greeted) {
            broken("no hello as the first frame");
        } else {
            take((Message) frame);
        }
    }

    private void greet(Hello hello) {
        int version = Math.min(hello.versionMax(), MessageCodec.VERSION_MAX);
        boolean spoken = version >= Math.max(hello.versionMin(), MessageCodec.VERSION_MIN);
        if (!spoken || !takesMore) {
            String why = spoken
                    ? "all of worker.socket-connections are in use"
                    : "this worker speaks versions " + MessageCodec.VERSION_MIN + " to " + MessageCodec.VERSION_MAX;
            ctx.writeAndFlush(new Refused(MessageCodec.VERSION_MIN, MessageCodec.VERSION_MAX, why))
                    .addListener(ChannelFutureListener.CLOSE);
            return;
        }
        greeted = true;
        kernel = offers.keepRequests(ctx, held::containsKey);
        long known = Features.READY | Features.WHOLE | (kernel.isPresent() ? Features.KEEP : 0);
        long features = hello.features() & known;
        wantsWhole = (features & Features.WHOLE) != 0;
        ctx.writeAndFlush(new Welcome(version, features, workerId, incarnation));
    }

    private void take(Message message) {
        if (message instanceof OpenDescriptor wanted && !busy()) {
            open(wanted);
        } else if (message instanceof TakeDescriptor && offer.isPresent()) {
            send(offer.get());
        } else if (message instanceof LetGo letGo) {
            letGo(letGo.grant());
        } else if (message instanceof KeepFile wanted && kernel.isPresent() && !busy()) {
            keep(wanted);
        } else if (message instanceof UnkeepFile wanted && kernel.isPresent() && !busy()) {
            kernel.get().unkeep(wanted);
        } else if (message instanceof Ping ping && !busy()) {
            ctx.writeAndFlush(new Pong(ping.nonce()));
        } else {
            broken("a " + message.getClass().getSimpleName() + " out of turn");
        }
    }

    private void open(OpenDescriptor wanted) {
        busy = true;
        offers.make(wanted).whenComplete((made, failure) -> {
            boolean taken = onLoop(() -> {
                if (failure != null) {
                    fail(wanted, HearthException.of(failure));
                } else if (ctx.channel().isActive()) {
                    offer = Optional.of(made);
                    tellWhole(made.grant());
                    ctx.writeAndFlush(new Granted(wanted.requestId(), made.grant()));
                } else {
                    offers.takeBack(made);
                }
            });
            if (!taken && failure == null) {
                offers.takeBack(made);
            }
        });
    }

    private void fail(OpenDescriptor wanted, HearthException why) {
        busy = false;
        offers.metrics().refused();
        ctx.writeAndFlush(new Failed(wanted.requestId(), why.kind(), String.valueOf(why.getMessage())));
    }

    private void send(Offer made) {
        offer = Optional.empty();
        held.put(made.grant(), made.file());
        ctx.writeAndFlush(new FileDescriptor(made.descriptor().number())).addListener(sent -> {
            made.descriptor().close();
            busy = false;
            if (sent.isSuccess()) {
                offers.metrics().handedOut();
            } else {
                ctx.close();
            }
        });
    }

    private boolean busy() {
        return busy || kernel.filter(KeepRequests::busy).isPresent();
    }

    private void keep(KeepFile wanted) {
        ObjectFile file = held.get(wanted.grant());
        if (file != null && toldWhole.contains(wanted.grant())) {
            kernel.orElseThrow().keep(wanted, file);
        } else {
            String why = "grant " + wanted.grant() + " is not of a whole file that this peer has";
            ctx.writeAndFlush(new Failed(wanted.requestId(), FailureKind.NOT_FOUND, why));
        }
    }

    private void letGo(long grant) {
        kernel.ifPresent(requests -> requests.letGo(grant));
        asked.remove(grant);
        toldWhole.remove(grant);
        if (held.remove(grant) != null) {
            offers.letGo(grant);
        }
    }

    private void look() {
        if (busy) {
            return;
        }
        held.forEach((grant, file) -> {
            if (offers.revoked(file) && asked.putIfAbsent(grant, file) == null) {
                offers.metrics().revoked();
                ctx.write(new Revoked(grant));
            }
            tellWhole(grant);
        });
        ctx.flush();
    }

    private void tellWhole(long grant) {
        if (wantsWhole && !asked.containsKey(grant) && !toldWhole.contains(grant) && offers.forKernel(grant)) {
            toldWhole.add(grant);
            ctx.write(new Whole(grant));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        offer.ifPresent(offers::takeBack);
        offer = Optional.empty();
        kernel.ifPresent(KeepRequests::end);
        held.keySet().forEach(offers::letGo);
        held.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof HearthException malformed && malformed.kind() == FailureKind.INVALID) {
            broken(malformed.getMessage());
        } else {
            LOG.debug("a holder of descriptors is lost: {}", cause.toString());
            context.close();
        }
    }

    private void broken(String what) {
        LOG.warn("a holder of descriptors is closed: it sent {}", what);
        ctx.close();
    }

    private boolean onLoop(Runnable step) {
        try {
            ctx.executor().execute(step);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }
}
