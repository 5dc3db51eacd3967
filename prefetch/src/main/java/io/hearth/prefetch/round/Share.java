package io.hearth.prefetch.round;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.LoadShare;
import io.hearth.protocol.api.LoadShare.Stage;
import io.hearth.protocol.api.LoadShare.Status;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.wire.ResidencyReport;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.roaringbitmap.RoaringBitmap;

/** A share as its {@link Round} knows it. Used by the round's thread alone. */
public final class Share {
    private final PlannedShare planned;
    private final String id;
    private WorkerRegistration worker;
    private Optional<Status> status = Optional.empty();
    private RoaringBitmap resident = new RoaringBitmap();
    private RoaringBitmap verified = new RoaringBitmap();
    private Optional<String> givenUp = Optional.empty();
    private boolean reserved;
    private boolean asking;
    private long nextAskNanos;
    private long lostSinceNanos;
    private boolean lost;
    private String lostBecause = "";
    private int losses;
    private long earlierOriginBytes;

    public Share(PlannedShare planned, String id, long nowNanos) {
        this.planned = planned;
        this.id = id;
        this.worker = planned.worker();
        this.nextAskNanos = nowNanos;
    }

    PlannedShare planned() {
        return planned;
    }

    String id() {
        return id;
    }

    WorkerRegistration worker() {
        return worker;
    }

    /** Empty before the worker answered, and from a loss on until it answers again. */
    Optional<Stage> stage() {
        return status.map(Status::stage);
    }

    Optional<Status> status() {
        return status;
    }

    /** The items found resident at the last answer, by position. */
    RoaringBitmap resident() {
        return resident;
    }

    /** The items found verified at the last answer, by position. */
    RoaringBitmap verified() {
        return verified;
    }

    /** Why this round does without the share from here on. */
    Optional<String> givenUp() {
        return givenUp;
    }

    /** Whether the worker once had room for all of it. */
    boolean reserved() {
        return reserved;
    }

    boolean refused() {
        return stage().equals(Optional.of(Stage.REFUSED));
    }

    /** Nothing more is to be done for it in this round, as far as one knows. */
    boolean settled() {
        return givenUp.isPresent() || refused() || stage().equals(Optional.of(Stage.VERIFIED));
    }

    /** Whether the last answer says that every wanted byte of the item was read back and is there. */
    boolean holds(int item) {
        return givenUp.isEmpty() && stage().equals(Optional.of(Stage.VERIFIED)) && verified.contains(item);
    }

    /** Whether it {@linkplain #holds holds} every item. */
    boolean whole() {
        int items = planned.files().length;
        return items == 0 || holds(0) && verified.getCardinality() == items;
    }

    /** Bytes that came from the origin for it, in this and in lost lives of the worker. */
    long originBytes() {
        return earlierOriginBytes + status.map(Status::originBytes).orElse(0L);
    }

    boolean lost() {
        return lost;
    }

    /** What the worker said last, as the end of a line that names it. */
    String lostBecause() {
        return lostBecause;
    }

    long lostSinceNanos() {
        return lostSinceNanos;
    }

    int losses() {
        return losses;
    }

    boolean due(long nowNanos) {
        return !asking && givenUp.isEmpty() && nowNanos - nextAskNanos >= 0;
    }

    boolean asking() {
        return asking;
    }

    void asked() {
        asking = true;
    }

    public void answered(Status answer, long nextAsk) {
        asking = false;
        lost = false;
        status = Optional.of(answer);
        resident = ResidencyReport.bitmap(answer.resident());
        verified = ResidencyReport.bitmap(answer.verified());
        reserved |= answer.stage() != Stage.RESERVING && answer.stage() != Stage.REFUSED;
        nextAskNanos = nextAsk;
    }

    /** The worker does not answer, or no longer knows the share. */
    void lose(HearthException why, long nowNanos, long nextAsk) {
        asking = false;
        lostBecause = why.kind() == FailureKind.UNAVAILABLE ? " is gone" : ": " + why.getMessage();
        nextAskNanos = nextAsk;
        if (!lost) {
            lost = true;
            losses++;
            lostSinceNanos = nowNanos;
            earlierOriginBytes = originBytes();
            status = Optional.empty();
            resident = new RoaringBitmap();
            verified = new RoaringBitmap();
        }
    }

    /** The worker is where it now says it is: another life has other ports. */
    void at(WorkerRegistration registration) {
        worker = registration;
    }

    void giveUp(String reason) {
        asking = false;
        givenUp = Optional.of(reason);
    }

    /** What the worker says of items that it could not fill, by position. */
    Map<Integer, LoadShare.Failure> failures() {
        return status.map(Status::failures).orElse(List.of()).stream()
                .collect(Collectors.toMap(LoadShare.Failure::item, failure -> failure, (one, other) -> one));
    }
}
