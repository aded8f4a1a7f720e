package dev.pgetl.it.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.PipelineRunner;
import dev.pgetl.Verification;
import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.config.TlsConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.TransformingDestination;
import dev.pgetl.destination.http.HttpDestination;
import dev.pgetl.destination.postgres.PostgresDestination;
import dev.pgetl.quarantine.QuarantiningDestination;
import dev.pgetl.store.LeaseConfig;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.store.postgres.PostgresQuarantine;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code docs/settings.md} has every setting of every builder, with its default. */
class SettingsPageIT {
  private static final Page PAGE = Page.of("settings.md");
  private static final PgConnectionConfig CONNECTION =
      PgConnectionConfig.builder("localhost", "shop", "etl").build();

  /** Builders whose settings are under a heading of the page. */
  private static final Map<String, Object> BUILDERS =
      Map.ofEntries(
          Map.entry("## PipelineConfig", PipelineConfig.builder("shop", "pub", CONNECTION)),
          Map.entry("## BatchConfig", BatchConfig.builder()),
          Map.entry("## TableCopyConfig", TableCopyConfig.all()),
          Map.entry("## PgConnectionConfig", PgConnectionConfig.builder("host", "shop", "etl")),
          Map.entry("### TlsConfig", TlsConfig.trusting("")),
          Map.entry("## LeaseConfig", LeaseConfig.builder()),
          Map.entry("## PipelineRunner", PipelineRunner.builder()),
          Map.entry(
              "## TransformingDestination",
              TransformingDestination.around(Destination.ofEvents(event -> {}))),
          Map.entry(
              "## QuarantiningDestination",
              QuarantiningDestination.builder(
                  Destination.ofEvents(event -> {}), PostgresQuarantine.of(CONNECTION, "shop"))),
          Map.entry("## HttpDestination", HttpDestination.builder("https://example.com")),
          Map.entry("## PostgresDestination", PostgresDestination.builder(CONNECTION, "shop")),
          Map.entry("## Stores", PostgresLayer.builder(CONNECTION, "shop")),
          Map.entry(
              "## Verification",
              Verification.builder(
                  "shop",
                  "pub",
                  CONNECTION,
                  PostgresDestination.builder(CONNECTION, "shop").buildVerifiable())));

  /** They make values, not configurations. */
  private static final Set<String> VALUES =
      Set.of(
          "ColumnSchema",
          "CopyStatus",
          "PipelineStatus",
          "PostgresCluster",
          "StatusDocument",
          "StreamStatus",
          "TableSchema",
          "TableStatus");

  /** Settings whose field has another name. */
  private static final Map<String, List<String>> FIELDS =
      Map.ofEntries(
          Map.entry("restartDelay", List.of("firstDelay", "longestDelay")),
          Map.entry("pipeline", List.of("pipelines", "pipeline")),
          Map.entry("table", List.of("named")),
          Map.entry("otherTables", List.of("others")),
          Map.entry("passwordFrom", List.of("passwordSource")),
          Map.entry("credentialsFrom", List.of("credentialsSource")),
          Map.entry("limitedTo", List.of("limit")),
          Map.entry("rows", List.of("rowsOf", "conditions")),
          Map.entry("mostDifferences", List.of("mostRows")),
          Map.entry("withClientCertificate", List.of("clientCertificate")),
          Map.entry("withClientCertificateFrom", List.of("clientCertificate")),
          Map.entry("withChannelBinding", List.of("channelBinding")),
          Map.entry("transform", List.of("byName")),
          Map.entry("filter", List.of("byName")),
          Map.entry("transformAll", List.of("ofAll")),
          Map.entry("filterAll", List.of("ofAll")),
          Map.entry("renamed", List.of("confirmedRenamings")));

  static Stream<String> headings() {
    return BUILDERS.keySet().stream().sorted();
  }

  private static Object builder(String heading) {
    Object builder = BUILDERS.get(heading);
    assertThat(builder).isNotNull();
    return builder;
  }

  private static Set<String> settings(Object builder) {
    return Stream.of(builder.getClass().getDeclaredMethods())
        .filter(method -> Modifier.isPublic(method.getModifiers()))
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .filter(method -> method.getReturnType() == builder.getClass())
        .map(Method::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String name(List<String> row) {
    return row.get(0).replace("`", "");
  }

  @ParameterizedTest
  @MethodSource("headings")
  void hasEverySettingOnce(String heading) {
    List<List<String>> rows = PAGE.rows(heading);

    assertThat(rows).allSatisfy(row -> assertThat(row).hasSize(4));
    assertThat(rows.stream().map(SettingsPageIT::name).sorted().toList())
        .containsExactlyElementsOf(settings(builder(heading)));
  }

  @ParameterizedTest
  @MethodSource("headings")
  void saysTheDefault(String heading) throws IllegalAccessException {
    Object builder = builder(heading);
    for (List<String> row : PAGE.rows(heading)) {
      assertThat(row.get(1).replace("`", ""))
          .as("%s of %s", row.get(0), heading)
          .isEqualTo(defaultOf(builder, name(row)));
    }
  }

  private static String defaultOf(Object builder, String setting) throws IllegalAccessException {
    List<String> names = FIELDS.getOrDefault(setting, List.of(setting));
    List<Field> fields =
        names.stream()
            .flatMap(
                name ->
                    Stream.of(builder.getClass().getDeclaredFields())
                        .filter(field -> field.getName().equals(name)))
            .toList();
    assertThat(fields).as("where the value of %s is kept", setting).isNotEmpty();
    StringBuilder text = new StringBuilder();
    for (Field field : fields) {
      field.setAccessible(true);
      String shown = ShownDefault.of(setting, field.get(builder));
      text.append(text.isEmpty() ? "" : ", ").append(shown);
    }
    return text.toString();
  }

  /** A builder that is new is either on the page or makes values. */
  @Test
  void knowsEveryBuilder() {
    Pattern builders = Pattern.compile("public (?:static )?final class (\\w*Builder) ");
    Set<String> missing = new TreeSet<>();
    for (Path file : Page.mainSources()) {
      String owner = file.getFileName().toString().replace(".java", "").replace("Builder", "");
      boolean has =
          builders.matcher(Page.read(file)).results().map(MatchResult::group).findAny().isPresent();
      boolean known =
          VALUES.contains(owner)
              || BUILDERS.keySet().stream().anyMatch(heading -> heading.endsWith(" " + owner))
              || owner.equals("PostgresLayer")
              || owner.equals("StatusPage"); // its own page has them; it is not on this class path
      if (has && !known) {
        missing.add(owner);
      }
    }
    assertThat(missing).isEmpty();
  }
}
