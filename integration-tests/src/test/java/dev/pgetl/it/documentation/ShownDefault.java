package dev.pgetl.it.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.Secret;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.config.TlsConfig;
import dev.pgetl.destination.http.RequestFormat;
import dev.pgetl.schema.TableName;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How the page shows the value that a builder begins with. */
final class ShownDefault {
  /** What cannot be seen in the value, which is what it says all the same. */
  private static final Map<String, String> SPOKEN =
      Map.of(
          "maxBufferedBytes", "a quarter of the heap, at most 256 MiB",
          "owner", "host, process and a random number",
          "handOverAfter", "never",
          "httpVersion", "2 for https, 1.1 for http",
          "username", "the one given",
          "address", "the host");

  private ShownDefault() {}

  static String of(String setting, @Nullable Object value) {
    if (SPOKEN.containsKey(setting)) {
      checkSpoken(setting, value);
      return String.valueOf(SPOKEN.get(setting));
    }
    return value == null || isUnset(value) ? "none" : shown(setting, value);
  }

  private static boolean isUnset(Object value) {
    return value.equals("")
        || value.equals(Optional.empty())
        || value.equals(Secret.of(""))
        || (value instanceof Collection<?> many && many.isEmpty())
        || (value instanceof Map<?, ?> map && map.isEmpty())
        || value instanceof Consumer<?>
        || value.getClass().getSimpleName().equals("TableRules");
  }

  private static void checkSpoken(String setting, @Nullable Object value) {
    switch (setting) {
      case "maxBufferedBytes" ->
          assertThat(value).isEqualTo(Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4));
      case "owner" -> assertThat(String.valueOf(value)).matches(".+/\\d+/[0-9a-f]{4}");
      case "username" -> assertThat(value).isEqualTo("etl");
      case "address" -> assertThat(value).isEqualTo("host");
      default -> assertThat(value).as(setting).isNull();
    }
  }

  private static String shown(String setting, Object value) {
    if (value instanceof Duration time) {
      return time(time);
    }
    if (value instanceof Number number && !(value instanceof Double)) {
      return number(setting, number.longValue());
    }
    if (value instanceof Set<?> statuses) {
      assertThat(statuses)
          .isEqualTo(
              Stream.concat(Stream.of(408, 425, 429), IntStream.range(500, 600).boxed())
                  .collect(Collectors.toSet()));
      return "408, 425, 429, 500 to 599";
    }
    if (value instanceof UnaryOperator<?>) {
      assertThat(value).isEqualTo(UnaryOperator.<TableName>identity());
      return "as in the source";
    }
    return constant(value);
  }

  private static String constant(Object value) {
    if (value.equals(BatchConfig.DEFAULT)) {
      return "BatchConfig.DEFAULT";
    }
    if (value.equals(TableCopyConfig.all())) {
      return "every table";
    }
    if (value.equals(TlsConfig.DISABLED)) {
      return "off";
    }
    if (value.getClass() == RequestFormat.class) {
      return "rows by position, safe numbers";
    }
    return value.toString();
  }

  private static String time(Duration time) {
    if (time.toMillis() % 1000 != 0) {
      return time.toMillis() + " ms";
    }
    boolean isMinutes = time.toSeconds() % 60 == 0 && !time.isZero();
    return isMinutes ? time.toMinutes() + " min" : time.toSeconds() + " s";
  }

  private static String number(String setting, long value) {
    if (setting.endsWith("Bytes")) {
      return (value >> 20) + " MiB";
    }
    return setting.equals("port") ? Long.toString(value) : String.format(Locale.ROOT, "%,d", value);
  }
}
