package io.hearth.master;

import com.linecorp.armeria.common.HttpMethod;
import io.hearth.master.api.ApiOperation;
import java.util.Arrays;
import java.util.List;

/** The operations of the API, as {@code openapi.json} describes them. */
enum Operation {
    OPEN_API("openApi", HttpMethod.GET, "/v1/openapi.json"),
    LIST_DATASETS("listDatasets", HttpMethod.GET, Paths.DATASETS),
    CREATE_DATASET("createDataset", HttpMethod.POST, Paths.DATASETS),
    CHECK_DATASET("checkDataset", HttpMethod.POST, Paths.NAMESPACE + "/dataset-checks"),
    DESCRIBE_DATASET("describeDataset", HttpMethod.GET, Paths.DATASET),
    UPDATE_DATASET("updateDataset", HttpMethod.PUT, Paths.DATASET),
    DELETE_DATASET("deleteDataset", HttpMethod.DELETE, Paths.DATASET),
    REFRESH_DATASET("refreshDataset", HttpMethod.POST, Paths.DATASET + "/refresh"),
    RESIDENCY("residency", HttpMethod.GET, Paths.DATASET + "/residency"),
    EVICT("evict", HttpMethod.POST, Paths.DATASET + "/evictions"),
    TICKET("ticket", HttpMethod.GET, Paths.DATASET + "/ticket"),
    OPEN_SESSION("openSession", HttpMethod.POST, Paths.DATASET + "/sessions"),
    RENEW_SESSION("renewSession", HttpMethod.POST, Paths.DATASET + "/sessions/{id}/renew"),
    CLOSE_SESSION("closeSession", HttpMethod.DELETE, Paths.DATASET + "/sessions/{id}"),
    GENERATION("generation", HttpMethod.GET, Paths.DATASET + "/generations/{id}"),
    SEGMENT("segment", HttpMethod.GET, Paths.DATASET + "/segments/{id}"),
    ORDER("order", HttpMethod.GET, Paths.DATASET + "/orders/{id}"),
    KEEP_ORDER("keepOrder", HttpMethod.PUT, Paths.DATASET + "/orders/{id}"),
    WORKERS("workers", HttpMethod.GET, Paths.WORKERS),
    REGISTER_WORKER("registerWorker", HttpMethod.POST, Paths.WORKERS),
    HEARTBEAT("heartbeat", HttpMethod.POST, Paths.WORKERS + "/{id}/heartbeat"),
    REPORT_RESIDENCY("reportResidency", HttpMethod.POST, Paths.WORKERS + "/{id}/residency"),
    DEREGISTER_WORKER("deregisterWorker", HttpMethod.DELETE, Paths.WORKERS + "/{id}");

    private final ApiOperation api;

    Operation(String id, HttpMethod method, String path) {
        api = new ApiOperation(id, method, path);
    }

    ApiOperation api() {
        return api;
    }

    static List<ApiOperation> all() {
        return Arrays.stream(values()).map(Operation::api).toList();
    }

    private static final class Paths {
        private static final String NAMESPACE = "/v1/namespaces/{ns}";
        private static final String DATASETS = NAMESPACE + "/datasets";
        private static final String DATASET = DATASETS + "/{name}";
        private static final String WORKERS = "/v1/workers";
    }
}
