package io.hearth.bench.stage;

import io.hearth.client.ClientSettings;
import io.hearth.client.http.HttpMasterApi;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.ObjectRef;
import io.hearth.protocol.RequestContext;
import io.hearth.protocol.api.Session;
import io.hearth.protocol.api.Session.WorkerAddress;
import io.hearth.protocol.api.SessionRequest;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Segment;
import io.hearth.protocol.trust.ClusterToken;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * An object as a data-plane client names it.
 *
 * @param worker who serves it
 */
public record ServedObject(WorkerAddress worker, RequestContext context, ObjectRef ref) {
    private static final int ANSWER_SECONDS_MAX = 30;

    /** The only file of a dataset on the only worker of a cluster. */
    public static ServedObject find(URI master, String dataset) throws Exception {
        DatasetName name = new DatasetName(DatasetName.DEFAULT_NAMESPACE, dataset);
        try (HttpMasterApi masters = new HttpMasterApi(List.of(master), ClientSettings.defaults(), ClusterToken.NONE)) {
            Session session = answer(masters.openSession(name, new SessionRequest("bench", Optional.empty())));
            Generation generation = answer(masters.generation(name, session.generation()));
            Segment segment = Segment.decode(
                    answer(masters.segment(name, generation.segments().get(0).id())));
            ObjectRef ref = generation.object(segment.entries().get(0));
            answer(masters.closeSession(name, session.id()));
            return new ServedObject(session.workers().get(0), new RequestContext("", name, 0), ref);
        }
    }

    private static <T> T answer(CompletableFuture<T> asked) throws Exception {
        return asked.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
    }
}
