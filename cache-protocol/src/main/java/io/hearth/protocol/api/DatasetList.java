package io.hearth.protocol.api;

import java.util.List;

/** Answer of a list request, ordered by namespace and name. */
public record DatasetList(List<DatasetStatus> datasets) {}
