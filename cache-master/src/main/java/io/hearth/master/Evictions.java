package io.hearth.master;

import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.ErrorDocument;
import io.hearth.protocol.api.Eviction;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.WorkerRegistration;
import io.hearth.protocol.generation.Entry;
import io.hearth.protocol.generation.Generation;
import io.hearth.protocol.generation.Generation.SegmentRef;
import io.hearth.protocol.settings.Durations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the workers to drop objects of a dataset. Every live worker is asked: its reports may lag behind what it holds.
 */
final class Evictions {
    private static final Logger LOG = LoggerFactory.getLogger(Evictions.class);
    private static final int ORDER_OBJECTS_MAX = 65_536;

    private final Catalog catalog;
    private final GenerationStore generations;
    private final Membership membership;
    private final WebClient client;
    private final MasterSettings settings;
    private final MasterMetrics metrics;

    /** @param client without a base URI; its owner closes its factory */
    Evictions(
            Catalog catalog,
            GenerationStore generations,
            Membership membership,
            WebClient client,
            MasterSettings settings,
            MasterMetrics metrics) {
        this.catalog = catalog;
        this.generations = generations;
        this.membership = membership;
        this.client = client;
        this.settings = settings;
        this.metrics = metrics;
    }

    /**
     * Drops what is at and below {@code path}, or all of the dataset. Blocks, within a bound.
     *
     * @throws HearthException {@code NOT_FOUND} for an unknown path; {@code UNAVAILABLE} naming the workers that did
     *     not answer, after the others have done it
     */
    Eviction.Result evict(DatasetName name, Optional<String> path) {
        StoredDataset dataset = catalog.require(name);
        Optional<String> below =
                path.map(text -> text.replaceAll("^/+|/+$", "")).filter(text -> !text.isEmpty());
        List<String> objects = objects(dataset, below);
        if (objects.isEmpty() && below.isPresent()) {
            throw new HearthException(FailureKind.NOT_FOUND, "the dataset " + name + " has nothing at /" + below.get());
        }
        return collect(ask(objects));
    }

    /** Asks the workers to drop all of the dataset, without waiting. */
    void dropQuietly(StoredDataset dataset) {
        try {
            ask(objects(dataset, Optional.empty()));
        } catch (RuntimeException e) {
            LOG.warn("{}: cached bytes stay until they are evicted: {}", dataset.datasetName(), e.getMessage());
        }
    }

    private List<String> objects(StoredDataset dataset, Optional<String> below) {
        if (dataset.current().isEmpty() || membership.registrations().isEmpty() && below.isEmpty()) {
            return List.of();
        }
        Generation generation =
                generations.generation(dataset.uid(), dataset.current().get().generation());
        List<String> objects = new ArrayList<>();
        for (SegmentRef ref : generation.segments()) {
            for (Entry entry : generations.require(dataset.uid(), ref).entries()) {
                boolean wanted = below.isEmpty()
                        || entry.path().equals(below.get())
                        || entry.path().startsWith(below.get() + "/");
                if (wanted && !entry.directory()) {
                    objects.add(generation.object(entry).id().toString());
                }
            }
        }
        return objects;
    }

    private Map<String, CompletableFuture<Eviction.Result>> ask(List<String> objects) {
        Map<String, CompletableFuture<Eviction.Result>> answers = new TreeMap<>();
        for (WorkerRegistration worker : membership.registrations()) {
            CompletableFuture<Eviction.Result> sum = CompletableFuture.completedFuture(new Eviction.Result(0, 0));
            for (int from = 0; from < objects.size(); from += ORDER_OBJECTS_MAX) {
                List<String> part = objects.subList(from, Math.min(objects.size(), from + ORDER_OBJECTS_MAX));
                sum = sum.thenCompose(before -> ask(worker, part)
                        .thenApply(now ->
                                new Eviction.Result(before.objects() + now.objects(), before.bytes() + now.bytes())));
            }
            answers.put(worker.id(), sum);
        }
        return answers;
    }

    private CompletableFuture<Eviction.Result> ask(WorkerRegistration worker, List<String> objects) {
        RequestHeaders headers = RequestHeaders.builder(HttpMethod.POST, worker.adminUri() + "/v1/evictions")
                .contentType(MediaType.JSON)
                .build();
        return client.execute(HttpRequest.of(headers, HttpData.wrap(Json.write(new Eviction.Order(objects)))))
                .aggregate()
                .handle((answer, failure) -> {
                    if (failure != null) {
                        throw new HearthException(
                                FailureKind.UNAVAILABLE, "it does not answer at " + headers.uri(), failure);
                    }
                    return result(answer);
                });
    }

    private static Eviction.Result result(AggregatedHttpResponse answer) {
        if (answer.status().code() == 200) {
            return Json.read(answer.content().array(), Eviction.Result.class);
        }
        ErrorDocument error = Json.read(answer.content().array(), ErrorDocument.class);
        throw new HearthException(FailureKind.ofCode(error.code()), error.message());
    }

    private Eviction.Result collect(Map<String, CompletableFuture<Eviction.Result>> answers) {
        long deadline = System.nanoTime() + settings.evictionTimeout().toNanos();
        long objects = 0;
        long bytes = 0;
        List<String> silent = new ArrayList<>();
        for (Map.Entry<String, CompletableFuture<Eviction.Result>> answer : answers.entrySet()) {
            try {
                Eviction.Result result =
                        answer.getValue().get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                objects += result.objects();
                bytes += result.bytes();
            } catch (ExecutionException e) {
                LOG.warn(
                        "worker {} did not evict: {}",
                        answer.getKey(),
                        HearthException.of(e).getMessage());
                silent.add(answer.getKey());
            } catch (TimeoutException e) {
                LOG.warn("worker {} did not evict within {}", answer.getKey(), settings.evictionTimeout());
                silent.add(answer.getKey());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new HearthException(FailureKind.UNAVAILABLE, "the master is shutting down", e);
            }
        }
        metrics.evictedBytes.increment(bytes);
        if (!silent.isEmpty()) {
            throw new HearthException(
                    FailureKind.UNAVAILABLE,
                    "workers " + String.join(", ", silent) + " could not be reached within "
                            + Durations.format(settings.evictionTimeout()) + "; the others dropped " + objects
                            + " objects, " + bytes + " bytes: try again when they are back");
        }
        return new Eviction.Result(objects, bytes);
    }
}
