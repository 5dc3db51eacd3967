package io.hearth.bench.serve;

import io.hearth.bench.stage.ServedObject;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.wire.Message;
import io.hearth.protocol.wire.MessageCodec;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * One connection to a worker that asks for bytes and throws them away: it checks the order and the length of every
 * frame, and looks at no payload. Used by one thread.
 */
final class RawReader implements Pipeline.Requests, AutoCloseable {
    private final RawConnection connection;
    private final ServedObject object;
    private final Wanted wanted;
    private final Deque<Asked> asked = new ArrayDeque<>();
    private long nextId;
    private long nextOffset;

    private record Asked(long id, long offset) {}

    private RawReader(RawConnection connection, ServedObject object, Wanted wanted) {
        this.connection = connection;
        this.object = object;
        this.wanted = wanted;
    }

    /** Connects to the object's worker and greets it. */
    static RawReader connect(ServedObject object, Wanted wanted) throws IOException {
        RawConnection connection = new RawConnection(object.worker());
        try {
            connection.send(new Message.Hello(MessageCodec.VERSION_MIN, MessageCodec.VERSION_MAX, 0, ""));
            Message answer = connection.receive().message();
            if (!(answer instanceof Message.Welcome)) {
                throw unexpected(answer);
            }
            return new RawReader(connection, object, wanted);
        } catch (IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** Reads for that time; bytes a second. What is under way at the end is received, and not counted. */
    double read(long milliseconds) throws Exception {
        return new Pipeline(wanted, this).read(milliseconds);
    }

    @Override
    public void ask() throws IOException {
        Asked next = new Asked(nextId++, nextOffset);
        nextOffset = wanted.after(nextOffset);
        connection.send(new Message.Read(next.id(), object.context(), object.ref(), next.offset(), wanted.readBytes()));
        asked.add(next);
    }

    /** A worker answers in the order asked where all is resident. */
    @Override
    public void awaitOldest() throws IOException {
        Asked oldest = asked.remove();
        int received = 0;
        while (received < wanted.readBytes()) {
            RawConnection.Head head = connection.receive();
            if (!(head.message() instanceof Message.Data data)
                    || data.requestId() != oldest.id()
                    || data.offset() != oldest.offset() + received
                    || head.payloadBytes() > wanted.readBytes() - received) {
                throw unexpected(head.message());
            }
            connection.skip(head.payloadBytes());
            received += head.payloadBytes();
        }
    }

    private static HearthException unexpected(Message message) {
        return new HearthException(FailureKind.CORRUPT, "the worker did not answer what was asked, but " + message);
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
