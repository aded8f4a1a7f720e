package dev.pgetl.status.json;

import dev.pgetl.wal.Lsn;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The members of a JSON object, in order. Owned by one thread. */
final class Members {
  private final Map<String, @Nullable Object> members = new LinkedHashMap<>();

  /** Adds a member in the one form that the format has for values of its type. */
  Members add(String name, @Nullable Object value) {
    if (members.containsKey(name)) {
      throw new IllegalArgumentException("two members have the name " + name);
    }
    members.put(name, form(value));
    return this;
  }

  Map<String, @Nullable Object> toMap() {
    return Collections.unmodifiableMap(members);
  }

  /** {@return the form of a value of the format} */
  static @Nullable Object form(@Nullable Object value) {
    if (value == null || value instanceof String || value instanceof Boolean) {
      return value;
    } else if (value instanceof Long || value instanceof Integer) {
      return value;
    } else if (value instanceof Double number) {
      return decimal(BigDecimal.valueOf(number).setScale(3, RoundingMode.HALF_EVEN));
    } else if (value instanceof Map || value instanceof List) {
      return value; // made by this package
    } else if (value instanceof Enum<?> constant) {
      return constant.name();
    } else if (value instanceof Instant || value instanceof Lsn) {
      return value.toString();
    } else if (value instanceof Duration duration) {
      return seconds(duration);
    } else if (value instanceof Optional<?> optional) {
      return form(optional.orElse(null));
    } else if (value instanceof OptionalLong number) {
      return number.isPresent() ? number.getAsLong() : null;
    } else if (value instanceof OptionalDouble number) {
      return number.isPresent() ? form(number.getAsDouble()) : null;
    }
    throw new IllegalArgumentException("no form for a " + value.getClass().getName());
  }

  private static BigDecimal seconds(Duration duration) {
    return decimal(
        BigDecimal.valueOf(duration.getSeconds()).add(BigDecimal.valueOf(duration.getNano(), 9)));
  }

  /** Without zeros at the end. */
  private static BigDecimal decimal(BigDecimal number) {
    BigDecimal shortest = number.stripTrailingZeros();
    return shortest.scale() < 0 ? shortest.setScale(0) : shortest;
  }
}
