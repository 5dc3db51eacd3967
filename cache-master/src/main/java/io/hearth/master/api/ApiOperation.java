package io.hearth.master.api;

import com.linecorp.armeria.common.HttpMethod;

/**
 * An operation of the API, as its OpenAPI document describes it.
 *
 * @param id its {@code operationId}, and its label in metrics
 * @param path with parameters in braces
 */
public record ApiOperation(String id, HttpMethod method, String path) {}
