package io.hearth.protocol.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;

/**
 * Documents of a share: what of a load one worker is to hold. A master brings a worker through the stages; each status
 * is read from the worker's index at the moment of the answer. A share that no master asks about for a while ends by
 * itself.
 */
public final class LoadShare {
    /** Most items of one share; a load with more files has several shares on a worker. */
    public static final int ITEMS_MAX = 8192;

    private LoadShare() {}

    /** Makes a share: reserves room for every item, evicting nothing that another share holds. */
    public record Order(String namespace, String dataset, List<Item> items) {}

    /**
     * An object, or some blocks of it.
     *
     * @param validator as {@link io.hearth.protocol.Validator#text()}
     * @param blocks the blocks wanted, a RoaringBitmap in its portable form; absent: all
     */
    public record Item(String origin, String key, String validator, long sizeBytes, Optional<byte[]> blocks) {}

    /** Where a share stands. */
    public enum Stage {
        /** Files are being made for the items and held against eviction. */
        @JsonProperty("Reserving")
        RESERVING,
        /** There is room for all; waits to be told to fill. */
        @JsonProperty("Reserved")
        RESERVED,
        /** No room for all; nothing is held any more. */
        @JsonProperty("Refused")
        REFUSED,
        @JsonProperty("Filling")
        FILLING,
        /** Every item was tried; failures are named. Waits to be told to verify. */
        @JsonProperty("Filled")
        FILLED,
        /** Every chunk asked for is read from its tier and compared with its checksum. */
        @JsonProperty("Verifying")
        VERIFYING,
        /** Every chunk was compared; those that differed are gone and their items not verified. */
        @JsonProperty("Verified")
        VERIFIED
    }

    /**
     * A share as it stands in the worker's index.
     *
     * @param incarnation which life of the worker answers
     * @param message one line where the share was refused
     * @param verifiedBytes bytes that this share read back and found right, and that are there still
     * @param originBytes of the resident bytes, those that were not there when the share began
     * @param resident items whose wanted chunks are all there: a RoaringBitmap of positions in the order
     * @param verified items whose wanted chunks were all read back and are there still, likewise
     * @param failures items that could not be filled, at most one entry each
     */
    public record Status(
            String worker,
            long incarnation,
            Stage stage,
            Optional<String> message,
            long totalBytes,
            long residentBytes,
            long verifiedBytes,
            long inFlightBytes,
            long originBytes,
            byte[] resident,
            byte[] verified,
            List<Failure> failures) {}

    /** @param kind as {@link io.hearth.protocol.FailureKind#code()} */
    public record Failure(int item, String kind, String reason) {}
}
