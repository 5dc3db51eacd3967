package io.hearth.client.worker;

import io.hearth.client.ClientSettings;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Notes every byte that comes, so that a large frame on a slow link counts as life. First handler of its pipeline;
 * event loop only.
 */
final class LifeSigns extends ChannelInboundHandlerAdapter {
    /** Looks that a ping is given at the least: one may follow a pause of our own process. */
    private static final int LOOKS_MIN = 2;

    private final long pingAfterNs;
    private final long stallNs;
    private long heardNs = System.nanoTime();
    private long nonce;
    private boolean asked;
    private int looks;

    LifeSigns(ClientSettings settings) {
        this.pingAfterNs = settings.pingAfter().toNanos();
        this.stallNs = settings.stallTimeout().toNanos();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf) {
            heard();
        }
        ctx.fireChannelRead(message);
    }

    void heard() {
        heardNs = System.nanoTime();
        looks = 0;
    }

    void answered() {
        asked = false;
    }

    /** Whether a ping must go out now; then counts it as sent. */
    boolean pingDue() {
        if (asked || System.nanoTime() - heardNs < pingAfterNs) {
            return false;
        }
        asked = true;
        nonce++;
        return true;
    }

    long nonce() {
        return nonce;
    }

    /** Whether silence has lasted too long although a sign of life was asked for. Call once per look. */
    boolean stalled() {
        if (asked) {
            looks++;
        }
        return asked && looks > LOOKS_MIN && System.nanoTime() - heardNs >= stallNs;
    }
}
