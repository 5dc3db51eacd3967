package io.hearth.protocol.api;

import java.util.List;

/** Answer of a list of loads, the newest last. */
public record LoadList(List<LoadStatus> loads) {}
