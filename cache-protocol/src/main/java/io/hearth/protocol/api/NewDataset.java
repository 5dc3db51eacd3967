package io.hearth.protocol.api;

/** Body of a create request. */
public record NewDataset(String name, DatasetSpec spec) {}
