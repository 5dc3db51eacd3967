package io.hearth.prefetch;

import com.linecorp.armeria.common.HttpMethod;
import io.hearth.master.api.ApiOperation;
import java.util.Arrays;
import java.util.List;

/** The operations of loads. */
enum LoadOperation {
    LIST_NAMESPACE_LOADS("listNamespaceLoads", HttpMethod.GET, "/v1/namespaces/{ns}/loads"),
    LIST_LOADS("listLoads", HttpMethod.GET, Paths.LOADS),
    CREATE_LOAD("createLoad", HttpMethod.POST, Paths.LOADS),
    DESCRIBE_LOAD("describeLoad", HttpMethod.GET, Paths.LOAD),
    CANCEL_LOAD("cancelLoad", HttpMethod.DELETE, Paths.LOAD),
    WATCH_LOAD("watchLoad", HttpMethod.GET, Paths.LOAD + "/watch");

    private final ApiOperation api;

    LoadOperation(String id, HttpMethod method, String path) {
        api = new ApiOperation(id, method, path);
    }

    ApiOperation api() {
        return api;
    }

    static List<ApiOperation> all() {
        return Arrays.stream(values()).map(LoadOperation::api).toList();
    }

    private static final class Paths {
        private static final String LOADS = "/v1/namespaces/{ns}/datasets/{name}/loads";
        private static final String LOAD = LOADS + "/{load}";
    }
}
