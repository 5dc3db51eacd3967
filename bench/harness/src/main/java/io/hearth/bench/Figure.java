package io.hearth.bench;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * One line of a bench's answer.
 *
 * @param bench the bench's name
 * @param caseName what was done, where a bench does several things
 * @param system who did it: {@code hearth}, {@code local}, {@code rclone}, {@code s3fs}, {@code origin-only},
 *     {@code bound}
 * @param metric such as {@code bytesPerSecond}
 * @param unit of {@code value}, such as {@code B/s}, {@code s}, {@code B} or {@code 1} for a ratio
 */
public record Figure(
        String bench, @JsonProperty("case") String caseName, String system, String metric, double value, String unit) {}
