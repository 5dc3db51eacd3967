package io.hearth.testing.origin;

import io.hearth.testing.origin.StubBucket.Version;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One connection to a stub origin: answers one request after the other. Used by its event loop alone. */
final class StubConnection extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

    private final StubOrigin origin;
    private final long bytesPerS;
    private final Pacer.Allowance allowance = new Pacer.Allowance();
    /** Whether a request counts among those under way. */
    private boolean counted;

    StubConnection(StubOrigin origin, long bytesPerS) {
        this.origin = origin;
        this.bytesPerS = bytesPerS;
    }

    /** What is asked for: the bytes from {@code from} on, up to {@code to}. */
    private record Span(long from, long to, boolean partial) {}

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        if (!origin.begin()) {
            error(context, HttpResponseStatus.SERVICE_UNAVAILABLE, "SlowDown");
            return;
        }
        counted = true;
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        String path = uri.path().substring(1);
        int slash = path.indexOf('/');
        String bucket = slash < 0 ? path : path.substring(0, slash);
        String key = slash < 0 ? "" : path.substring(slash + 1);
        if (!bucket.equals(StubOrigin.BUCKET)) {
            error(context, HttpResponseStatus.NOT_FOUND, "NoSuchBucket");
        } else if (key.isEmpty()) {
            list(context, uri);
        } else {
            boolean head = request.method().equals(HttpMethod.HEAD);
            // The method and headers outlive the request, which is released on return; its content is empty.
            long waitMs = origin.limits().firstByte().toMillis();
            context.executor().schedule(() -> object(context, request, key, head), waitMs, TimeUnit.MILLISECONDS);
        }
    }

    private void list(ChannelHandlerContext context, QueryStringDecoder uri) {
        String listing = origin.bucket().list(StubOrigin.BUCKET, StubListing.of(uri.parameters()));
        document(context, HttpResponseStatus.OK, listing);
    }

    private void object(ChannelHandlerContext context, FullHttpRequest request, String key, boolean head) {
        Optional<Version> found = origin.bucket().find(key);
        if (found.isEmpty()) {
            error(context, HttpResponseStatus.NOT_FOUND, "NoSuchKey");
            return;
        }
        Version version = found.get();
        if (!holds(request, version)) {
            error(context, HttpResponseStatus.PRECONDITION_FAILED, "PreconditionFailed");
            return;
        }
        Optional<Span> span = span(request, version.content().sizeBytes());
        if (span.isEmpty()) {
            error(context, HttpResponseStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "InvalidRange");
            return;
        }
        context.write(headers(version, span.get()));
        if (head || span.get().from() == span.get().to()) {
            ended();
            context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        } else {
            context.flush();
            origin.send(new Body(context, version, span.get()), span.get().from());
        }
    }

    private static boolean holds(FullHttpRequest request, Version version) {
        String ifMatch = request.headers().get("If-Match", version.etag());
        String since = request.headers().get("If-Unmodified-Since", "");
        boolean unmodified = since.isEmpty()
                || !version.modified().isAfter(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(since)));
        return ifMatch.equals(version.etag()) && unmodified;
    }

    private static Optional<Span> span(FullHttpRequest request, long sizeBytes) {
        String range = request.headers().get("Range", "");
        Matcher parts = RANGE.matcher(range);
        if (!parts.matches()) {
            return Optional.of(new Span(0, sizeBytes, false));
        }
        long from = Long.parseLong(parts.group(1));
        long to = Math.min(sizeBytes, Long.parseLong(parts.group(2)) + 1);
        return from < to ? Optional.of(new Span(from, to, true)) : Optional.empty();
    }

    private static HttpResponse headers(Version version, Span span) {
        HttpResponse answer = new DefaultHttpResponse(
                HttpVersion.HTTP_1_1, span.partial() ? HttpResponseStatus.PARTIAL_CONTENT : HttpResponseStatus.OK);
        answer.headers().set("ETag", version.etag());
        answer.headers().set("Accept-Ranges", "bytes");
        answer.headers().set("Content-Length", span.to() - span.from());
        String modified =
                DateTimeFormatter.RFC_1123_DATE_TIME.format(version.modified().atOffset(ZoneOffset.UTC));
        answer.headers().set("Last-Modified", modified);
        if (span.partial()) {
            String range = "bytes " + span.from() + "-" + (span.to() - 1) + "/"
                    + version.content().sizeBytes();
            answer.headers().set("Content-Range", range);
        }
        return answer;
    }

    private void error(ChannelHandlerContext context, HttpResponseStatus status, String code) {
        document(
                context,
                status,
                "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>stub</Message></Error>");
    }

    private void document(ChannelHandlerContext context, HttpResponseStatus status, String xml) {
        ended();
        ByteBuf body = Unpooled.copiedBuffer(xml, StandardCharsets.UTF_8);
        DefaultFullHttpResponse answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
        answer.headers().set("Content-Type", "application/xml");
        answer.headers().set("Content-Length", body.readableBytes());
        context.writeAndFlush(answer);
    }

    /** Before the last bytes go out: who has them may ask again at once. */
    private void ended() {
        if (counted) {
            counted = false;
            origin.end();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ended();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close(); // A client that resets the connection is no event here.
    }

    /** The bytes of one answer. */
    private final class Body implements Pacer.Transfer {
        private final ChannelHandlerContext context;
        private final Version version;
        private final Span span;
        private long at;

        Body(ChannelHandlerContext context, Version version, Span span) {
            this.context = context;
            this.version = version;
            this.span = span;
            this.at = span.from();
        }

        @Override
        public long bytesPerS() {
            return bytesPerS;
        }

        @Override
        public int ready(int allowed) {
            return context.channel().isWritable() ? (int) Math.min(allowed, span.to() - at) : 0;
        }

        @Override
        public boolean send(int bytes) {
            ByteBuf body = context.alloc().buffer(bytes, bytes);
            version.content().read(at, body.internalNioBuffer(0, bytes));
            body.writerIndex(bytes);
            at += bytes;
            origin.sent(bytes);
            boolean last = at == span.to();
            if (last) {
                ended();
                context.write(new DefaultHttpContent(body));
                context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
            } else {
                context.writeAndFlush(new DefaultHttpContent(body));
            }
            return last;
        }

        @Override
        public boolean gone() {
            return !context.channel().isActive();
        }

        @Override
        public Pacer.Allowance allowance() {
            return allowance;
        }
    }
}
