package io.hearth.client.local;

import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.Message.KeepFile;
import io.hearth.protocol.wire.Message.OpenDescriptor;
import io.hearth.protocol.wire.Message.UnkeepFile;
import java.util.concurrent.CompletableFuture;

/** A request to a worker's socket that waits for its turn or its answer. */
sealed interface Wanted {
    Message request(long requestId);

    CompletableFuture<?> answer();

    /** A descriptor of an object's file. */
    record File(RequestContext context, ObjectRef object, CompletableFuture<Descriptor> answer) implements Wanted {
        @Override
        public Message request(long requestId) {
            return new OpenDescriptor(requestId, context, object);
        }
    }

    /**
     * Something about the files that the kernel keeps, for which the worker may have to take this process's device
     * first.
     */
    sealed interface OfKernel extends Wanted {
        @Override
        CompletableFuture<Integer> answer();
    }

    /** That the kernel keep a granted file. */
    record Keep(long grant, CompletableFuture<Integer> answer) implements OfKernel {
        @Override
        public Message request(long requestId) {
            return new KeepFile(requestId, grant);
        }
    }

    /** That it keep a file of the worker's earlier life no longer. */
    record Unkeep(int backingId, CompletableFuture<Integer> answer) implements OfKernel {
        @Override
        public Message request(long requestId) {
            return new UnkeepFile(requestId, backingId);
        }
    }
}
