package io.hearth.testing;

import io.hearth.protocol.FailureKind;
import java.time.Duration;

/** One way in which a request goes wrong. */
public sealed interface Fault {
    /** Nothing goes wrong. */
    record None() implements Fault {}

    /** Fails at once, as {@link FailureKind#OVERLOADED} for a 503. */
    record Refuse(FailureKind kind) implements Fault {}

    /** Answers rightly, but late. */
    record SlowFirstByte(Duration delay) implements Fault {}

    /** The connection breaks after so many bytes of this request; seen as {@link FailureKind#UNAVAILABLE}. */
    record CutAfter(int bytes) implements Fault {}

    /** The request succeeds after so many bytes, which a store must never do: does the caller count? */
    record ShortRead(int bytes) implements Fault {}

    /** After so many bytes nothing more comes, until the request is cancelled. */
    record StallAfter(int bytes) implements Fault {}

    /** After so many bytes something happens, such as an overwrite of the object; then the range goes on. */
    record Meanwhile(int bytes, Runnable event) implements Fault {}
}
