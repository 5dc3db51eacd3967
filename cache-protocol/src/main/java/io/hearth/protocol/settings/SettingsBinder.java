package io.hearth.protocol.settings;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Binds named texts to a settings record; a missing name takes its default, a bad value names itself. */
public final class SettingsBinder {
    private final Path home;

    /** @param home what {@code ${home}} stands for in defaults */
    public SettingsBinder(Path home) {
        this.home = home;
    }

    /**
     * @param values texts by setting name; names of other records are left alone
     * @throws HearthException {@link FailureKind#INVALID} naming the setting, its value and what is taken
     */
    public <R extends Record> R bind(Class<R> type, Map<String, String> values) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] arguments = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            Setting setting = settingOf(components[i]);
            types[i] = components[i].getType();
            String text = values.getOrDefault(setting.name(), setting.value()).replace("${home}", home.toString());
            arguments[i] = value(setting, components[i].getGenericType(), text);
        }
        try {
            return type.getDeclaredConstructor(types).newInstance(arguments);
        } catch (InvocationTargetException e) {
            throw HearthException.of(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " must be a public record", e);
        }
    }

    /** The settings of a record in declared order. */
    public static List<Setting> settings(Class<? extends Record> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(SettingsBinder::settingOf)
                .toList();
    }

    /** The environment variable of a setting: {@code worker.fill-timeout} is {@code HEARTH_WORKER_FILL_TIMEOUT}. */
    public static String environmentName(String setting) {
        return "HEARTH_" + setting.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    private static Setting settingOf(RecordComponent component) {
        Setting setting = component.getAnnotation(Setting.class);
        if (setting == null) {
            throw new IllegalStateException(component + " carries no @Setting");
        }
        return setting;
    }

    private static Object value(Setting setting, Type type, String text) {
        try {
            Object value = parse(type, text.strip());
            checkBounds(setting, type, value);
            return value;
        } catch (IllegalArgumentException | HearthException e) {
            String range = setting.min().isEmpty() && setting.max().isEmpty()
                    ? ""
                    : " (" + setting.min() + " to " + (setting.max().isEmpty() ? "any" : setting.max()) + " is taken)";
            throw new HearthException(
                    FailureKind.INVALID,
                    "setting " + setting.name() + ": '" + text + "' cannot be taken: " + e.getMessage() + range,
                    e);
        }
    }

    private static Object parse(Type type, String text) {
        if (type instanceof ParameterizedType generic) {
            Type inner = generic.getActualTypeArguments()[0];
            if (generic.getRawType() == Optional.class) {
                return text.isEmpty() ? Optional.empty() : Optional.of(parse(inner, text));
            }
            List<Object> items = new ArrayList<>();
            for (String item : text.isEmpty() ? new String[0] : text.split(",")) {
                items.add(parse(inner, item.strip()));
            }
            return List.copyOf(items);
        }
        Class<?> simple = (Class<?>) type;
        if (simple == int.class) {
            return Integer.parseInt(text);
        } else if (simple == long.class) {
            return Long.parseLong(text);
        } else if (simple == double.class) {
            return Double.parseDouble(text);
        } else if (simple == boolean.class) {
            return parseBoolean(text);
        } else if (simple == DataSize.class) {
            return DataSize.parse(text);
        } else if (simple == Duration.class) {
            return Durations.parse(text);
        } else if (simple == Path.class) {
            return Path.of(text);
        } else if (simple == URI.class) {
            return URI.create(text);
        } else if (simple.isEnum()) {
            return parseEnum(simple, text);
        } else if (simple == String.class) {
            return text;
        }
        throw new IllegalStateException("settings of type " + simple + " are not supported");
    }

    private static boolean parseBoolean(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("write true or false");
        }
        return text.equals("true");
    }

    private static Object parseEnum(Class<?> type, String text) {
        for (Object constant : type.getEnumConstants()) {
            if (constant.toString().equalsIgnoreCase(text)) {
                return constant;
            }
        }
        throw new IllegalArgumentException("write one of " + Arrays.toString(type.getEnumConstants()));
    }

    @SuppressWarnings("unchecked")
    private static void checkBounds(Setting setting, Type type, Object value) {
        if (!(value instanceof Comparable)
                || setting.min().isEmpty() && setting.max().isEmpty()) {
            return;
        }
        Comparable<Object> comparable = (Comparable<Object>) value;
        if (!setting.min().isEmpty() && comparable.compareTo(parse(type, setting.min())) < 0) {
            throw new IllegalArgumentException("too small");
        }
        if (!setting.max().isEmpty() && comparable.compareTo(parse(type, setting.max())) > 0) {
            throw new IllegalArgumentException("too large");
        }
    }
}
