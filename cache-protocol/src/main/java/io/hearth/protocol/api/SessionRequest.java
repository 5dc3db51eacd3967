package io.hearth.protocol.api;

import java.util.Optional;

/**
 * A mount asks to pin a generation.
 *
 * @param client a name for people, such as host and mount point
 * @param refresh how old a listing this mount takes, such as {@code 2s}, or {@code manual}; absent: the dataset's
 */
public record SessionRequest(String client, Optional<String> refresh) {}
