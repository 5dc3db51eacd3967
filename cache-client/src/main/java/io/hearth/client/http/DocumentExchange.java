package io.hearth.client.http;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.CompletableFuture;

/** A call that is answered by one document, or by bytes of bounded length. */
record DocumentExchange(MasterCall call) implements MasterExchange<byte[]> {
    @Override
    public CompletableFuture<byte[]> with(MasterConnections master) {
        Document document = new Document(call.answerBytesMax());
        master.call(call, "application/json, application/octet-stream", Patience.WHOLE, document);
        return document.result;
    }

    @Override
    public boolean repeatable() {
        return call.repeatable();
    }

    private static final class Document implements AnswerParts {
        private final CompletableFuture<byte[]> result = new CompletableFuture<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final int bytesMax;
        private int status;

        Document(int bytesMax) {
            this.bytesMax = bytesMax;
        }

        @Override
        public void head(int told, String type) {
            status = told;
        }

        @Override
        public void data(byte[] piece) {
            if (bytes.size() + piece.length > bytesMax) {
                throw new CallFailure(CallFailure.Kind.TOO_LARGE);
            }
            bytes.writeBytes(piece);
        }

        @Override
        public void end() {
            if (status < 400) {
                result.complete(bytes.toByteArray());
            } else {
                result.completeExceptionally(MasterCalls.failureOf(status, bytes.toByteArray()));
            }
        }

        @Override
        public void broken(Throwable why) {
            result.completeExceptionally(why);
        }
    }
}
