package dev.pgetl.it.values;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.internal.row.TypeSample;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.it.Scenario;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;

/** What the server sends in binary format is read as what it prints. */
class BinaryFormatIT {
  @RegisterExtension private static final Seed SEED = Seed.of("values");
  private static final int COUNT = RandomRuns.count("values.count", 30_000);
  private static final int ROWS = 100;
  private static final int COLUMNS = 100;
  private static final int DEPTH = 3;

  /** Types of the samples that are sent as text, and others made of them. */
  private static final Set<String> TEXT_ONLY =
      Set.of(
          "money",
          "citext",
          "email",
          "hstore",
          "ltree",
          "lquery",
          "cube",
          "seg",
          "isbn",
          "addr",
          "addr_nested",
          "tsvector",
          "tsquery",
          "tid",
          "txid_snapshot",
          "pg_snapshot",
          "regclass",
          "regtype",
          "regproc",
          "regprocedure",
          "regrole",
          "regnamespace",
          "regconfig",
          "int2vector",
          "oidvector",
          "aclitem",
          "refcursor",
          "point",
          "lseg",
          "box",
          "path",
          "polygon",
          "line",
          "circle");

  private final List<String> differences = new ArrayList<>();
  private final Set<String> textOnly = new LinkedHashSet<>();
  private int compared;

  @Test
  void everySampleIsTheSameInBothFormats() throws Exception {
    SampleTable table = new SampleTable(TestPostgres.shared().majorVersion());
    try (Scenario scenario = Scenario.with(table.create())) {
      scenario.source().execute(table.insert());
      scenario.start().awaitReady();
      compare(scenario, "sample");
    }
    assertThat(differences).isEmpty();
    assertThat(textOnly)
        .as("types that are not read in binary format")
        .isEqualTo(
            table.samples().stream()
                .map(TypeSample::type)
                .filter(type -> TEXT_ONLY.contains(type.replace("[]", "")))
                .map(type -> type.endsWith("[]") ? "_" + type.replace("[]", "") : type)
                .collect(Collectors.toSet()));
  }

  /** The existing generators, and every scalar as often as the others. */
  @Test
  void randomValuesAreTheSameInBothFormats() throws Exception {
    System.out.println("binary values: -Dvalues.count=" + COUNT + " " + SEED);
    RandomGenerator random = new SplittableRandom(SEED.value());
    int serverMajor = TestPostgres.shared().majorVersion();
    List<RandomType> scalars = RandomScalars.all(serverMajor);
    while (compared < COUNT) {
      try (Scenario scenario = Scenario.with(RandomTypes.SETUP)) {
        RandomTypes types = new RandomTypes(random, serverMajor);
        List<RandomType> columns = new ArrayList<>(scalars);
        while (columns.size() < COLUMNS) {
          columns.add(types.next(DEPTH));
        }
        scenario.source().execute(types.takeDdl());
        create(scenario, columns, random);
        scenario.start().awaitReady();
        compare(scenario, "t");
      }
      assertThat(differences.stream().limit(20)).isEmpty();
    }
  }

  private static void create(Scenario scenario, List<RandomType> types, RandomGenerator random) {
    String columns =
        IntStream.range(0, types.size())
            .mapToObj(i -> "c" + i + " " + types.get(i).sql())
            .collect(Collectors.joining(","));
    String rows =
        IntStream.range(0, ROWS)
            .mapToObj(
                row ->
                    types.stream()
                        .map(type -> type.nextOrNull(random).sql())
                        .collect(Collectors.joining(",", "(", ")")))
            .collect(Collectors.joining(",\n"));
    try (Connection connection = scenario.source().connect();
        var statement = connection.createStatement()) {
      statement.execute("create table t (" + columns + ")");
      statement.execute("insert into t values " + rows);
      statement.execute("create publication pub for table t");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** Takes the table's version from the pipeline, and both formats straight from the server. */
  private void compare(Scenario scenario, String name) throws SQLException, IOException {
    TableSchema table = scenario.destination().copiedRows(name).get(0).table();
    List<ColumnSchema> columns = new ArrayList<>();
    for (ColumnSchema column : table.columns()) {
      if (WireRow.readsBinary(withColumns(table, List.of(column)))) {
        columns.add(column);
      } else {
        textOnly.add(column.type().name());
      }
    }
    String query =
        columns.stream()
            .map(ColumnSchema::name)
            .collect(Collectors.joining(",", "select ", " from " + name));
    List<List<@Nullable String>> texts = scenario.source().query(query);
    List<TableRow> rows = binaryRows(scenario, withColumns(table, columns), query);
    assertThat(rows).hasSameSizeAs(texts);
    for (int i = 0; i < columns.size(); i++) {
      TableSchema one = withColumns(table, List.of(columns.get(i)));
      for (int row = 0; row < rows.size(); row++) {
        compared++;
        String text = texts.get(row).get(i);
        compare(columns.get(i), rows.get(row).as(one, i), textRow(one, text), text);
      }
    }
  }

  private void compare(
      ColumnSchema column, TableRow binary, TableRow text, @Nullable String printed) {
    try {
      if (!Objects.equals(binary.text(0), printed)
          || !Objects.equals(binary.textBytes(0), text.textBytes(0))
          || !Objects.equals(binary.get(0), text.get(0))
          || !binary.equals(text)
          || !text.equals(binary)
          || binary.hashCode() != text.hashCode()) {
        differences.add(
            "%s %s: printed %s, read %s as %s"
                .formatted(column.name(), column.type(), printed, binary.get(0), binary.text(0)));
      }
    } catch (RuntimeException e) {
      differences.add("%s %s: printed %s, %s".formatted(column.name(), column.type(), printed, e));
    }
  }

  private static TableSchema withColumns(TableSchema table, List<ColumnSchema> columns) {
    return table.toBuilder().columns(columns).build();
  }

  private static TableRow textRow(TableSchema table, @Nullable String text) {
    byte[] bytes = String.valueOf(text).getBytes(StandardCharsets.UTF_8);
    return WireRow.of(table, bytes, new int[] {0, text == null ? WireRow.NULL : bytes.length});
  }

  /** Reads {@code COPY … (FORMAT binary)}: a header, tuples of counted fields, a count of -1. */
  private static List<TableRow> binaryRows(Scenario scenario, TableSchema table, String query)
      throws SQLException, IOException {
    ByteArrayOutputStream copied = new ByteArrayOutputStream();
    try (Connection connection = scenario.source().connect()) {
      connection
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyOut("copy (" + query + ") to stdout (format binary)", copied);
    }
    ByteBuffer in = ByteBuffer.wrap(copied.toByteArray());
    in.position("PGCOPY\n\377\r\n\0".length() + Integer.BYTES);
    int extension = in.getInt();
    in.position(in.position() + extension);
    List<TableRow> rows = new ArrayList<>();
    for (int count = in.getShort(); count >= 0; count = in.getShort()) {
      int[] bounds = new int[2 * count];
      for (int i = 0; i < count; i++) {
        int length = in.getInt();
        bounds[2 * i] = in.position() | WireRow.BINARY;
        bounds[2 * i + 1] = length;
        in.position(in.position() + Math.max(0, length));
      }
      rows.add(WireRow.of(table, in.array(), bounds));
    }
    return rows;
  }
}
