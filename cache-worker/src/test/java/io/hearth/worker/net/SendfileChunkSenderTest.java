package io.hearth.worker.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.Validator;
import io.hearth.protocol.wire.Message.Data;
import io.hearth.worker.tier.FileTierIo;
import io.hearth.worker.tier.LruEvictionPolicy;
import io.hearth.worker.tier.Medium;
import io.hearth.worker.tier.ObjectFile;
import io.hearth.worker.tier.TierEnvironment;
import io.hearth.worker.tier.TierEvents;
import io.hearth.worker.tier.TierSpec;
import io.hearth.worker.tier.TierStore;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SendfileChunkSenderTest {
    private static final ObjectRef OBJECT = new ObjectRef("origin", "key", new Validator.LastModified(1), 1 << 20);

    @TempDir
    Path directory;

    private TierStore store;
    private ObjectFile file;

    @BeforeEach
    void open() {
        TierEnvironment environment =
                TierEnvironment.of(new FileTierIo(), TierEvents.NONE, Runnable::run, Clock.systemUTC(), 4, 1000);
        TierSpec spec = new TierSpec(Medium.SSD, directory, 64 << 20);
        store = TierStore.open(List.of(spec), environment, LruEvictionPolicy::new);
        file = store.holdOrCreate(OBJECT, OBJECT.id(), "ns").orElseThrow();
    }

    @AfterEach
    void close() {
        assertTrue(file.held());
        file.release();
        assertFalse(file.held(), "a region that failed still holds the file");
        store.close();
    }

    @Test
    void aDiskThatFailsUnderSendfileGoesOutOfServiceAfterThreeConnections() {
        for (int connection = 0; connection < 3; connection++) {
            assertFalse(file.tier().outOfService(), "not after " + connection);
            send(new IOException("sendfile(..) failed with error(-5): Input/output error"), 5);
        }
        assertTrue(file.tier().outOfService());
    }

    @Test
    void aReaderThatGoesAwayIsNoFaultOfTheDisk() {
        for (int connection = 0; connection < 9; connection++) {
            send(new IOException("Broken pipe"), 2);
            send(new IOException("Transport endpoint is not connected"), 2);
        }
        assertFalse(file.tier().outOfService());
    }

    /** Each file region on one connection fails likewise, as a queue does when its connection is closed. */
    private void send(IOException failure, int regions) {
        List<ChannelPromise> failing = new ArrayList<>();
        EmbeddedChannel channel = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
                if (message instanceof FileRegion) {
                    failing.add(promise);
                }
                ReferenceCountUtil.release(message);
            }
        });
        ChannelHandlerContext last = channel.pipeline()
                .addLast("asker", new ChannelOutboundHandlerAdapter())
                .context("asker");
        for (int i = 0; i < regions; i++) {
            new SendfileChunkSender().send(last, new Data(1, 0, true, 0), file, 1 << 20);
        }
        assertEquals(regions, failing.size());
        failing.forEach(promise -> promise.setFailure(failure));
        channel.finishAndReleaseAll();
    }
}
