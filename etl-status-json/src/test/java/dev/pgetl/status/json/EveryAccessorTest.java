package dev.pgetl.status.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgetl.RunStatus;
import dev.pgetl.event.EventSequence;
import dev.pgetl.forecast.Outlook;
import dev.pgetl.forecast.WalForecast;
import dev.pgetl.observe.CopyStatus;
import dev.pgetl.observe.EventCounts;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.Health;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.SlotStatus;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.observe.ThreadStatus;
import dev.pgetl.observe.WaitStatus;
import dev.pgetl.quarantine.QuarantineStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every accessor of a status class is a member of the format, and every member is an accessor. Who
 * adds an accessor adds it to the format, its page and its schema, or says here why not.
 */
class EveryAccessorTest {
  private static final Pattern NAME_PART = Pattern.compile("([a-z])([A-Z])");
  private static final Pattern OURS = Pattern.compile("dev\\.pgetl\\.[\\w.$]+");

  /** Accessors with another name in the format, or with several; without any it is left out. */
  private static final Map<String, Set<String>> OTHERWISE =
      Map.of(
          "RunStatus.pipeline", Set.of(), // what is around the run
          "RunStatus.health", Set.of(), // that of the pipeline
          "PipelineStatus.failedTables", Set.of(), // tables whose needs_resync is true
          "PipelineStatus.pausedTables", Set.of(), // tables with paused_since
          "PipelineStatus.quarantinedTables", Set.of(), // tables with quarantine
          "QuarantineStatus.table", Set.of(), // the table around it
          "QuarantineStatus.name", Set.of(), // the table around it
          "EventCounts.all", Set.of(), // the sum
          "TableStatus.isReady", Set.of("ready"),
          "TableStatus.name", Set.of("schema", "name"));

  /** Members that no accessor has. */
  private static final Map<String, Set<String>> MORE =
      Map.of("PipelineStatus", Set.of("id", "run"));

  /** What has a text or a number for itself, so no accessors to compare. */
  private static final Set<Class<?>> VALUES =
      Set.of(Lsn.class, EventSequence.class, TableId.class, TableName.class);

  private final JsonNode pipeline;

  EveryAccessorTest() throws IOException {
    StatusDocument document =
        StatusDocument.builder(Samples.NOW)
            .pipeline("kept", Samples.run())
            .pipeline("shop", Samples.everything())
            .build();
    JsonNode pipelines = new ObjectMapper().readTree(document.toJson()).get("pipelines");
    pipeline = pipelines.get(1);
    ((ObjectNode) pipeline).set("run", pipelines.get(0).get("run"));
  }

  static Stream<Arguments> classes() {
    Stream<Arguments> fixed =
        Stream.of(
            Arguments.of(PipelineStatus.class, ""),
            Arguments.of(RunStatus.class, "/run"),
            Arguments.of(Health.class, "/health"),
            Arguments.of(FailureStatus.class, "/failure"),
            Arguments.of(WaitStatus.class, "/waits/0"),
            Arguments.of(ThreadStatus.class, "/threads/0"),
            Arguments.of(StreamStatus.class, "/stream"),
            Arguments.of(SlotStatus.class, "/stream/slot"),
            Arguments.of(CopyStatus.class, "/copies"),
            Arguments.of(WalForecast.class, "/wal_forecast"),
            Arguments.of(TableStatus.class, "/tables/5"),
            Arguments.of(EventCounts.class, "/tables/5/events"),
            Arguments.of(QuarantineStatus.class, "/tables/5/quarantine"));
    Stream<Arguments> phases =
        Arrays.stream(TableReplicationPhase.class.getPermittedSubclasses())
            .map(phase -> Arguments.of(phase, "phase"));
    return Stream.concat(fixed, phases);
  }

  @ParameterizedTest
  @MethodSource("classes")
  void membersAreAccessors(Class<?> type, String place) {
    JsonNode node = place.equals("phase") ? phase(type) : pipeline.at(place);
    Set<String> expected =
        accessors(type)
            .flatMap(accessor -> members(type, accessor).stream())
            .collect(Collectors.toCollection(TreeSet::new));
    expected.addAll(MORE.getOrDefault(type.getSimpleName(), Set.of()));

    Set<String> members = new TreeSet<>();
    node.fieldNames().forEachRemaining(members::add);

    assertThat(members).as("%s", node).isEqualTo(expected);
    assertThat(node).as("the sample has a value everywhere").noneMatch(JsonNode::isNull);
  }

  @Test
  void anOutlookHasTheAccessorsOfEachKind() {
    Set<String> accessors =
        Arrays.stream(Outlook.class.getPermittedSubclasses())
            .flatMap(EveryAccessorTest::accessors)
            .map(Method::getName)
            .collect(Collectors.toSet());

    assertThat(accessors).containsExactlyInAnyOrder("time", "timeLeft", "reason");
    assertThat(written(new Outlook.Within(Duration.ofMillis(1_500))))
        .isEqualTo("{'name':'Within','time_left_seconds':1.5,'reason':null}");
    assertThat(written(new Outlook.Never()))
        .isEqualTo("{'name':'Never','time_left_seconds':null,'reason':null}");
    assertThat(written(new Outlook.Unknown("no limit")))
        .isEqualTo("{'name':'Unknown','time_left_seconds':null,'reason':'no limit'}");
  }

  private static String written(Outlook outlook) {
    PipelineStatus status =
        PipelineStatus.builder(PipelineStatus.State.RUNNING)
            .walForecast(new WalForecast("s", outlook, 1, OptionalDouble.empty(), List.of()))
            .build();
    String text = StatusDocument.builder(Samples.NOW).pipeline("p", status).build().toString();
    int from = text.indexOf("{\"name\"");
    return text.substring(from, text.indexOf('}', from) + 1).replace('"', '\'');
  }

  @Test
  void everyClassThatAStatusHoldsIsCompared() {
    Set<Class<?>> compared =
        classes().map(entry -> (Class<?>) entry.get()[0]).collect(Collectors.toSet());
    Set<String> held =
        compared.stream()
            .flatMap(EveryAccessorTest::accessors)
            .flatMap(
                accessor -> OURS.matcher(accessor.getGenericReturnType().getTypeName()).results())
            .map(type -> type.group())
            .collect(Collectors.toSet());

    assertThat(held).isNotEmpty().allMatch(compared(compared));
  }

  private static Predicate<String> compared(Set<Class<?>> compared) {
    return name -> {
      Class<?> type = named(name);
      return type.isEnum()
          || VALUES.contains(type)
          || type.equals(TableReplicationPhase.class)
          || type.equals(Outlook.class)
          || compared.contains(type);
    };
  }

  private static Class<?> named(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private JsonNode phase(Class<?> type) {
    for (JsonNode table : pipeline.get("tables")) {
      if (table.at("/phase/name").asText().equals(type.getSimpleName())) {
        return table.get("phase");
      }
    }
    throw new AssertionError("no table in phase " + type);
  }

  private static Stream<Method> accessors(Class<?> type) {
    Set<String> objects =
        Arrays.stream(Object.class.getMethods()).map(Method::getName).collect(Collectors.toSet());
    return Arrays.stream(type.getMethods())
        .filter(
            method -> method.getParameterCount() == 0 && !Modifier.isStatic(method.getModifiers()))
        .filter(method -> !objects.contains(method.getName()))
        .filter(method -> !method.getName().equals("isStored")) // about stores
        .filter(method -> !method.isBridge());
  }

  private static Set<String> members(Class<?> type, Method accessor) {
    Set<String> otherwise = OTHERWISE.get(type.getSimpleName() + "." + accessor.getName());
    if (otherwise != null) {
      return otherwise;
    }
    String name =
        NAME_PART.matcher(accessor.getName()).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
    boolean duration =
        accessor.getGenericReturnType().getTypeName().contains(Duration.class.getName());
    return Set.of(duration ? name + "_seconds" : name);
  }
}
