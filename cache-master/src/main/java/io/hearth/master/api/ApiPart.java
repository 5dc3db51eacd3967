package io.hearth.master.api;

import java.util.List;

/**
 * Operations that belong together.
 *
 * @param openApi what the OpenAPI document says of them: JSON with {@code paths} and {@code components}
 */
public record ApiPart(List<ApiRoute> routes, byte[] openApi) {}
