package io.hearth.protocol.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes one setting. The component's type gives the form of the value: {@code int}, {@code long}, {@code double},
 * {@code boolean}, {@code String}, {@link DataSize}, {@link java.time.Duration}, {@link java.nio.file.Path},
 * {@link java.net.URI}, an enum, a {@code List<String>} (commas between), or an {@code Optional} of these (empty text).
 */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface Setting {
    /** Name in {@code hearth.yaml}, lower-case words with dots and hyphens, such as {@code worker.fill-timeout}. */
    String name();

    /** Default, as text; {@code ${home}} stands for {@code $HEARTH_HOME}. */
    String value();

    /** One sentence for the reference page. */
    String description();

    /** Smallest value taken, as text; empty for none. For numbers, sizes and durations. */
    String min() default "";

    /** Largest value taken, as text; empty for none. */
    String max() default "";
}
