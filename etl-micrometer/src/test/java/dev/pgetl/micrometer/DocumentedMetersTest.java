package dev.pgetl.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgetl.testkit.destination.RecordingDestination;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docs/metrics.md}, the dashboard and the alert rules name the meters that there are. */
class DocumentedMetersTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(pgetl\\.[a-z.]+)` \\| (\\w+) \\| (\\w*) \\| ([a-z, ]+) \\|.*$");
  private static final Pattern IN_PROMETHEUS = Pattern.compile("\\bpgetl_[a-z_]+");

  /** Registers all meters that there can be. */
  private static void register(MeterRegistry registry) {
    new FixedPipeline().metrics().walFreeBytes(() -> 1).bindTo(registry);
    MeteredDestination unused =
        MeteredDestination.of(new RecordingDestination(), registry, FixedPipeline.ID);
  }

  @Test
  void theTableHasEveryMeterWithItsTypeUnitAndTags() throws IOException {
    MeterRegistry registry = new SimpleMeterRegistry();
    register(registry);
    Set<String> registered =
        registry.getMeters().stream()
            .map(meter -> line(meter.getId()))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> documented =
        ROW.matcher(Files.readString(DOCS.resolve("metrics.md")))
            .results()
            .map(row -> String.join(" | ", row.group(1), row.group(2), row.group(3), row.group(4)))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented).isEqualTo(registered);
  }

  private static String line(Meter.Id id) {
    String tags =
        id.getTags().stream()
            .map(Tag::getKey)
            .sorted((a, b) -> order(a) - order(b))
            .collect(Collectors.joining(", "));
    String unit = Objects.requireNonNullElse(id.getBaseUnit(), "");
    return String.join(
        " | ", id.getName(), id.getType().name().toLowerCase(Locale.ROOT), unit, tags);
  }

  private static int order(String tag) {
    return switch (tag) {
      case "pipeline" -> 0;
      case "outcome" -> 2;
      default -> 1;
    };
  }

  @Test
  void everyMeterHasADescription() {
    MeterRegistry registry = new SimpleMeterRegistry();
    register(registry);
    assertThat(registry.getMeters())
        .allSatisfy(meter -> assertThat(meter.getId().getDescription()).isNotBlank());
  }

  @ParameterizedTest
  @ValueSource(strings = {"pgetl-dashboard.json", "pgetl-alerts.yml"})
  void everyMetricIsInAScrape(String file) throws IOException {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    register(registry);
    Set<String> scraped = names(registry.scrape());
    Set<String> named = names(Files.readString(DOCS.resolve(file)));
    assertThat(named).hasSizeGreaterThan(10);
    assertThat(scraped).containsAll(named);
  }

  private static Set<String> names(String text) {
    return IN_PROMETHEUS
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** A panel without a query, or on top of another one, is a mistake. */
  @Test
  void everyPanelOfTheDashboardHasItsPlaceAndAQuery() throws IOException {
    JsonNode panels =
        new ObjectMapper().readTree(DOCS.resolve("pgetl-dashboard.json").toFile()).get("panels");
    Set<String> places = new TreeSet<>();
    for (JsonNode panel : panels) {
      places.add(panel.get("gridPos").get("x") + "," + panel.get("gridPos").get("y"));
      assertThat(panel.get("targets")).isNotEmpty();
    }
    assertThat(places).hasSameSizeAs(panels);
  }
}
