package io.hearth.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hearth.client.http.EventDecoder.Event;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EventDecoderTest {
    private static final String STREAM = "\uFEFF: hello\n\nevent: status\ndata: {\"path\":\"/größe/😀\"}\n\n"
            + ":\r\n\r\ndata:one\r\ndata:  two\rdata\ndata: \r\n\r\nid: 7\nretry: 5\nnothing\n\n"
            + "event: empty\n\ndata: a: b\n\ndata: cut off\n";
    private static final List<Event> EVENTS = List.of(
            new Event("status", "{\"path\":\"/größe/😀\"}"),
            new Event("message", "one\n two\n\n"),
            new Event("message", "a: b"));

    @Test
    void aWholeStreamIsCutIntoItsEvents() {
        assertEquals(EVENTS, decode(STREAM.getBytes(StandardCharsets.UTF_8), Integer.MAX_VALUE));
    }

    @Test
    void whereThePiecesMeetDoesNotMatter() {
        byte[] stream = STREAM.getBytes(StandardCharsets.UTF_8);
        for (int size = 1; size < stream.length; size++) {
            assertEquals(EVENTS, decode(stream, size), "pieces of " + size + " bytes");
        }
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 200; round++) {
            List<Event> events = new ArrayList<>();
            EventDecoder decoder = new EventDecoder(1000, events::add);
            for (int at = 0; at < stream.length; ) {
                int end = Math.min(stream.length, at + random.nextInt(12));
                decoder.accept(Arrays.copyOfRange(stream, at, end));
                at = end;
            }
            assertEquals(EVENTS, events, "seed " + seed + ", round " + round);
        }
    }

    @Test
    void anEventIsBoundedHoweverItIsMadeUp() {
        assertEquals(
                1, decode("data: 34\n\n".getBytes(StandardCharsets.UTF_8), 3, 8).size());
        for (String tooLong : List.of("data: 345\n\n", "data: 3456", "data:\ndata:", ": 3456789", "\n\nx23456789")) {
            HearthException failure = assertThrows(
                    HearthException.class, () -> decode(tooLong.getBytes(StandardCharsets.UTF_8), 3, 8), tooLong);
            assertEquals(FailureKind.INVALID, failure.kind());
        }
    }

    @Test
    void commentsAndEventsBeforeDoNotCount() {
        String stream = ":234567\n".repeat(100) + "data: 1\n:234\n\n".repeat(100);
        assertEquals(100, decode(stream.getBytes(StandardCharsets.UTF_8), 5, 11).size());
    }

    private static List<Event> decode(byte[] stream, int pieceBytes) {
        return decode(stream, pieceBytes, 1000);
    }

    private static List<Event> decode(byte[] stream, int pieceBytes, int eventBytesMax) {
        List<Event> events = new ArrayList<>();
        EventDecoder decoder = new EventDecoder(eventBytesMax, events::add);
        for (int at = 0; at < stream.length; ) {
            int end = (int) Math.min(stream.length, (long) at + pieceBytes);
            decoder.accept(Arrays.copyOfRange(stream, at, end));
            at = end;
        }
        return events;
    }
}
