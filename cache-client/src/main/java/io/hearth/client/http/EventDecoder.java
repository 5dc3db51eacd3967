package io.hearth.client.http;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Cuts the bytes of a {@code text/event-stream} into events, by section 9.2.6 of the HTML standard; {@code id} and
 * {@code retry} are passed over. Lines are cut as bytes and decoded whole, so that no character is split where two
 * pieces meet. Not thread-safe.
 */
final class EventDecoder {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final int eventBytesMax;
    private final Consumer<Event> events;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private String type = "";
    private int eventBytes;
    private boolean afterReturn;
    private boolean first = true;

    /** @param type {@code message} where the stream names none */
    record Event(String type, String data) {}

    /**
     * @param eventBytesMax bytes of the longest event, names of fields counted; a longer one is a failure
     * @param events gets each whole event; one that the stream's end cuts off never comes
     */
    EventDecoder(int eventBytesMax, Consumer<Event> events) {
        this.eventBytesMax = eventBytesMax;
        this.events = events;
    }

    /** @throws HearthException where an event is too long; the stream is then of no more use */
    void accept(byte[] piece) {
        int start = 0;
        for (int i = 0; i < piece.length; i++) {
            boolean secondOfTwo = afterReturn && piece[i] == '\n';
            afterReturn = piece[i] == '\r';
            if (secondOfTwo) {
                start = i + 1;
            } else if (piece[i] == '\n' || piece[i] == '\r') {
                append(piece, start, i);
                start = i + 1;
                endLine();
            }
        }
        append(piece, start, piece.length);
    }

    private void append(byte[] piece, int from, int to) {
        eventBytes += to - from;
        if (eventBytes > eventBytesMax) {
            throw new HearthException(
                    FailureKind.INVALID, "an event of the master's has more than " + eventBytesMax + " bytes");
        }
        line.write(piece, from, to - from);
    }

    private void endLine() {
        String text = line.toString(StandardCharsets.UTF_8);
        int bytes = line.size();
        line.reset();
        if (first && text.startsWith(BYTE_ORDER_MARK)) {
            text = text.substring(1);
        }
        first = false;
        if (text.isEmpty()) {
            endEvent();
        } else if (text.startsWith(":")) {
            eventBytes -= bytes; // A comment is no part of the event.
        } else {
            field(text);
        }
    }

    private void field(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + 1);
        value = value.startsWith(" ") ? value.substring(1) : value;
        if (name.equals("event")) {
            type = value;
        } else if (name.equals("data")) {
            data.append(value).append('\n');
        }
    }

    private void endEvent() {
        boolean empty = data.isEmpty();
        Event event = empty ? null : new Event(type.isEmpty() ? "message" : type, data.substring(0, data.length() - 1));
        type = "";
        data.setLength(0);
        eventBytes = 0;
        if (!empty) {
            events.accept(event);
        }
    }
}
