package io.hearth.worker.descriptor;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.wire.Message.OpenDescriptor;
import io.hearth.worker.fill.DiskThreads;
import io.hearth.worker.integrity.DescriptorGrants;
import io.hearth.worker.integrity.DescriptorGrants.Grant;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierStore;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongPredicate;

/**
 * Makes offers: the object's file, held, sealed, counted, with a descriptor of its own. Thread-safe; nothing blocks.
 */
final class Offers {
    private final TierStore store;
    private final DescriptorGrants allowed;
    private final OpenGrants open;
    private final DiskThreads disk;
    private final KernelKeeper keeper;

    Offers(TierStore store, DescriptorGrants allowed, OpenGrants open, DiskThreads disk, KernelKeeper keeper) {
        this.keeper = keeper;
        this.store = store;
        this.allowed = allowed;
        this.open = open;
        this.disk = disk;
    }

    /** Fails with {@link FailureKind#NO_SPACE} or {@link FailureKind#OVERLOADED} where the reader must do without. */
    CompletableFuture<Offer> make(OpenDescriptor wanted) {
        if (!open.room()) {
            return CompletableFuture.failedFuture(refused("all of worker.descriptors are out"));
        }
        return disk.call(() -> makeNow(wanted));
    }

    private Offer makeNow(OpenDescriptor wanted) {
        ObjectFile file = store.holdOrCreate(
                        wanted.object(),
                        wanted.object().id(),
                        wanted.context().dataset().namespace())
                .orElseThrow(() ->
                        new HearthException(FailureKind.NO_SPACE, "no tier has room for " + wanted.object() + " now"));
        try {
            Grant grant = allowed.grantRanges(file)
                    .orElseThrow(() -> refused("no more of its tier may lie under descriptors now"));
            try {
                ReadOnlyDescriptor descriptor = ReadOnlyDescriptor.of(file.channel());
                return new Offer(open.add(grant), file, descriptor);
            } catch (HearthException e) {
                grant.close();
                throw e;
            }
        } finally {
            file.release();
        }
    }

    private static HearthException refused(String why) {
        return new HearthException(FailureKind.OVERLOADED, why);
    }

    /** The descriptor never got out. */
    void takeBack(Offer offer) {
        offer.descriptor().close();
        letGo(offer.grant());
    }

    void letGo(long grant) {
        open.letGo(grant);
    }

    /** Whether the holder may be told that the file is whole, and so have the kernel keep it. */
    boolean forKernel(long grant) {
        return open.forKernel(grant);
    }

    /** Whether holders must let go: the file has left its tier or has a bad chunk. */
    boolean revoked(ObjectFile file) {
        Optional<ObjectFile> known = store.find(file.id());
        return file.condemned() || known.isEmpty() || known.get() != file;
    }

    /** How the kernel comes to keep files for that peer; empty if it does not. */
    Optional<KeepRequests> keepRequests(ChannelHandlerContext peer, LongPredicate held) {
        if (!keeper.serves() || !(peer.channel() instanceof EpollDomainSocketChannel)) {
            return Optional.empty();
        }
        try {
            EpollDomainSocketChannel socket = (EpollDomainSocketChannel) peer.channel();
            int user = socket.peerCredentials().uid();
            PeerLife process = PeerProcess.of(socket.fd().intValue());
            return Optional.of(new KeepRequests(peer, keeper, user, process, held));
        } catch (IOException e) {
            return Optional.empty(); // Its end will be told.
        }
    }

    DescriptorMetrics metrics() {
        return open.metrics();
    }
}
