/**
 * The HTTP client under the AWS SDK: HTTP/1.1 on Netty, for requests without a body, which are all that reading needs.
 *
 * <p>{@link io.hearth.objectstore.s3.http.NettyHttpClient} is what the SDK calls. It takes an
 * {@link io.hearth.objectstore.s3.http.HttpConnection} from the {@link io.hearth.objectstore.s3.http.ConnectionPool},
 * which runs one {@link io.hearth.objectstore.s3.http.Exchange} at a time; the answer's bytes are read when the
 * subscriber of {@link io.hearth.objectstore.s3.http.AnswerBody} asks for them, and are lent to it without a copy. Why
 * this client and not one of the SDK's: {@code docs/decisions/0002-s3-http-client.md}.
 */
package io.hearth.objectstore.s3.http;
