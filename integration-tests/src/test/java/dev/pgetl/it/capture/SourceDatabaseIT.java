package dev.pgetl.it.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.TlsConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.capture.facts.TableFacts;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.PgType.Kind;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is asked of the source, and the connections it is asked over. */
class SourceDatabaseIT {
  private static final String ROLE = "etl_" + ProcessHandle.current().pid();

  private final TestDatabase database = TestPostgres.shared().createDatabase();
  private final SourceDatabase source = open(database.connection());

  private static SourceDatabase open(PgConnectionConfig.Builder config) {
    return new SourceDatabase(
        config.connectTimeout(Duration.ofSeconds(3)).build(), "it", Platform.jvm());
  }

  @AfterEach
  void close() {
    source.close();
    database.close();
    try (TestDatabase other = TestPostgres.shared().createDatabase()) {
      other.execute("drop role if exists " + ROLE);
    }
  }

  private SourceDatabase openAsRole(String attributes) {
    database.execute("create role " + ROLE + " login password 'pw-geheim' " + attributes);
    return open(database.connection().username(ROLE).password("pw-geheim"));
  }

  @Test
  void knowsTheServer() {
    SourceFacts facts = source.facts();
    assertThat(facts.systemIdentifier())
        .isEqualTo(database.value("select system_identifier from pg_control_system()"));
    assertThat(facts.timeline()).isEqualTo(1);
    assertThat(facts.currentWal()).isGreaterThan(Lsn.ZERO);
  }

  @Test
  void passesASourceThatIsReady() {
    database.execute("create table t(id int primary key); create publication pub for table t");
    assertThatCode(() -> source.check("pub", "s", 3, false)).doesNotThrowAnyException();
  }

  @Test
  void namesEverythingThatIsWrong() {
    try (SourceDatabase poor = openAsRole("noreplication")) {
      EtlException failure =
          catchThrowableOfType(EtlException.class, () -> poor.check("absent", "s", 1000, false));
      assertThat(failure)
          .hasMessageContaining("role \"" + ROLE + "\" may not replicate")
          .hasMessageContaining("ALTER ROLE \"" + ROLE + "\" REPLICATION")
          .hasMessageContaining("publication \"absent\" does not exist")
          .hasMessageContaining("CREATE PUBLICATION \"absent\"");
      assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_CONFIGURATION);
      assertThat(failure.toString()).doesNotContain("geheim");
    }
  }

  @Test
  void aMissingPublicationHasAKindOfItsOwn() {
    EtlException failure =
        catchThrowableOfType(EtlException.class, () -> source.check("absent", "s", 1, false));
    assertThat(failure.kind()).isEqualTo(ErrorKind.PUBLICATION_MISSING);
    failure = catchThrowableOfType(EtlException.class, () -> source.publishedTables("absent"));
    assertThat(failure.kind()).isEqualTo(ErrorKind.PUBLICATION_MISSING);
  }

  @Test
  void refusesAPublicationWithoutTables() {
    database.execute("create publication pub");
    EtlException failure =
        catchThrowableOfType(EtlException.class, () -> source.check("pub", "s", 1, false));
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_CONFIGURATION);
    assertThat(failure).hasMessageContaining("publishes no table");
  }

  @Test
  void explainsWhyItCannotConnect() {
    assertRefused(database.connection().password("wrong-geheim"), ErrorKind.SOURCE_AUTHENTICATION);
    assertRefused(database.connection().username("nobody"), ErrorKind.SOURCE_AUTHENTICATION);
    assertRefused(database.connection().port(1), ErrorKind.SOURCE_UNAVAILABLE);
    PgConnectionConfig known = database.connectionConfig();
    assertRefused(
        PgConnectionConfig.builder("no-such-host.invalid", known.name(), known.username()),
        ErrorKind.SOURCE_UNAVAILABLE);
    assertRefused(
        PgConnectionConfig.builder(known.host(), "no/such db?x=1", known.username())
            .port(known.port())
            .password(known.password().reveal()),
        ErrorKind.SOURCE_CONFIGURATION);
  }

  /** As one does that is restarted. */
  @Test
  void aServerThatLeavesInTheTlsHandshakeIsNotDistrusted() throws Exception {
    CompletableFuture<Void> served;
    try (ServerSocket leaving = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      served = CompletableFuture.runAsync(() -> offerTlsAndLeave(leaving));
      assertRefused(
          PgConnectionConfig.builder(leaving.getInetAddress().getHostAddress(), "db", "user")
              .port(leaving.getLocalPort())
              .tls(TlsConfig.trusting("")),
          ErrorKind.SOURCE_UNAVAILABLE);
    }
    served.get(10, TimeUnit.SECONDS);
  }

  private static void offerTlsAndLeave(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket client = server.accept()) {
        client.getInputStream().readNBytes(8); // SSLRequest
        client.getOutputStream().write('S');
        client.shutdownOutput();
        client.getInputStream().readAllBytes();
      } catch (IOException e) {
        // The client left first, or the test is over.
      }
    }
  }

  private static void assertRefused(PgConnectionConfig.Builder config, ErrorKind kind) {
    try (SourceDatabase unreachable = open(config)) {
      long begin = System.nanoTime();
      EtlException failure =
          catchThrowableOfType(EtlException.class, () -> unreachable.check("pub", "s", 1, false));
      assertThat(failure.kind()).isEqualTo(kind);
      assertThat(failure).hasMessageContaining("connect to database");
      assertThat(failure.toString() + failure.getCause()).doesNotContain("geheim");
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void settingsOfRoleDatabaseAndJvmDoNotReachTheSession() throws SQLException {
    try (SourceDatabase hostile = openAsRole("replication")) {
      for (String setting :
          List.of(
              "bytea_output = 'escape'",
              "intervalstyle = 'sql_standard'",
              "extra_float_digits = -5",
              "timezone = 'Asia/Kolkata'",
              "datestyle = 'SQL, DMY'",
              "search_path = 'public'",
              "statement_timeout = '1ms'",
              "lock_timeout = '1ms'",
              "idle_in_transaction_session_timeout = '1ms'",
              "default_transaction_read_only = on",
              "quote_all_identifiers = on",
              "client_encoding = 'LATIN1'")) {
        database.execute(
            "alter role " + ROLE + " in database " + database.name() + " set " + setting);
      }
      assertPinned(hostile.openReplication("test").session());
      assertPinned(hostile.openCopy("test"));
    }
  }

  private static void assertPinned(Session session) throws SQLException {
    try (session) {
      Map<String, String> expected =
          Map.ofEntries(
              Map.entry("bytea_output", "hex"),
              Map.entry("IntervalStyle", "postgres"),
              Map.entry("extra_float_digits", "3"),
              Map.entry("TimeZone", "UTC"),
              Map.entry("DateStyle", "ISO"),
              Map.entry("search_path", "pg_catalog"),
              Map.entry("statement_timeout", "0"),
              Map.entry("idle_in_transaction_session_timeout", "0"),
              Map.entry("idle_session_timeout", "0"),
              Map.entry("default_transaction_read_only", "off"),
              Map.entry("quote_all_identifiers", "off"),
              Map.entry("row_security", "off"),
              Map.entry("lc_monetary", "C"),
              Map.entry("client_encoding", "UTF8"));
      for (Map.Entry<String, String> setting : expected.entrySet()) {
        String value =
            Sql.first(session.jdbc(), "SHOW " + setting.getKey(), row -> row.getString(1))
                .orElseThrow();
        assertThat(value).as(setting.getKey()).startsWith(setting.getValue());
      }
      assertThat(Sql.first(session.jdbc(), "SHOW application_name", row -> row.getString(1)))
          .hasValue("pgetl/it/test");
    }
  }

  @Test
  void knowsWhatIsPublished() {
    database.execute(
        """
        create table a(id int primary key, dropped int, v text, g int generated always as (id * 2) stored);
        alter table a drop column dropped;
        create table "B "" c"(x int);
        create table f(id int primary key, v text); alter table f replica identity full;
        create table n(id int primary key); alter table n replica identity nothing;
        create table i(a int, b int not null); create unique index i_b on i(b);
        alter table i replica identity using index i_b;
        create table d(id int, primary key (id) deferrable);
        create publication pub for table a, "B "" c", f, n, i, d;
        """);
    assertThat(published().keySet()).containsExactlyInAnyOrder("a", "B \" c", "f", "n", "i", "d");
    assertThat(table("a").columns().names()).containsExactly("id", "v");
    assertThat(table("a").scope().rowFilter()).isEmpty();
    assertThat(table("a").missingPrivileges()).isEmpty();
    assertThat(table("f").identity()).isEqualTo(ReplicaIdentity.FULL);
    assertThat(table("i").identity()).isEqualTo(ReplicaIdentity.INDEX);
  }

  @Test
  void knowsColumnListsAndRowFilters() throws SQLException {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(15);
    database.execute(
        """
        create table t(id int primary key, a int, secret text);
        create publication pub for table t (id, a) where (id > 10);
        """);
    PublishedTable table = table("t");
    assertThat(table.columns().names()).containsExactly("id", "a");
    try (Session session = source.openCopy("test")) {
      assertThat(source.rowFilter(session.jdbc(), table)).isEqualTo("(id > 10)");
    }
  }

  @Test
  void knowsPartitionsUnderTheNameTheyArePublishedUnder() {
    database.execute(
        """
        create table p(id int, k int, primary key (id, k)) partition by range (k);
        create table p1 partition of p for values from (0) to (10);
        create table p2 partition of p for values from (10) to (20) partition by range (k);
        create table p2a partition of p2 for values from (10) to (20);
        create publication pub for table p;
        create publication root for table p with (publish_via_partition_root = true);
        """);
    assertThat(published()).containsOnlyKeys("p1", "p2a");
    List<PublishedTable> root = source.publishedTables("root");
    assertThat(root).hasSize(1);
    assertThat(root.get(0).partitioned()).isTrue();
  }

  @Test
  void knowsWhatTheRoleMayRead() {
    database.execute(
        """
        create table open(id int primary key, v text);
        create table closed(id int primary key);
        create table columns(id int primary key, v text);
        create table guarded(id int primary key); alter table guarded enable row level security;
        create publication pub for table open, closed, columns, guarded;
        """);
    try (SourceDatabase poor = openAsRole("replication")) {
      database.execute(
          "grant select on open, guarded to %1$s; grant select (id) on columns to %1$s"
              .formatted(ROLE));
      assertThat(
              poor.publishedTables("pub").stream()
                  .filter(table -> table.missingPrivileges().isEmpty())
                  .map(table -> table.name().name()))
          .containsExactly("open");
    } finally {
      database.execute("drop owned by " + ROLE);
    }
  }

  @Test
  void knowsAllBuiltInTypesOfTheServer() {
    List<List<String>> rows =
        database.query(
            """
            select t.oid, t.typname, t.typdelim,
              case t.typtype when 'r' then 'RANGE' when 'm' then 'MULTIRANGE'
                else case when t.typsubscript = 'array_subscript_handler'::regproc and t.oid not in (22, 30)
                  then 'ARRAY' else 'BASE' end end,
              case t.typtype when 'r' then (select rngsubtype::oid from pg_range where rngtypid = t.oid)
                when 'm' then (select rngtypid::oid from pg_range where rngmultitypid = t.oid)
                else case when t.typsubscript = 'array_subscript_handler'::regproc and t.oid not in (22, 30)
                  then t.typelem else 0 end end
            from pg_type t
            where t.oid < 10000 and t.typtype in ('b', 'r', 'm')
              and t.typelem not in (select oid from pg_type where typtype in ('c', 'p'))
            """);
    assertThat(rows).hasSizeGreaterThan(150);
    for (List<String> row : rows) {
      PgType type = BuiltinTypes.find(Long.parseLong(row.get(0))).orElseThrow();
      assertThat(type.name()).isEqualTo(row.get(1));
      assertThat(type.kind().name()).as(row.get(1)).isEqualTo(row.get(3));
      PgType inner = type.inner();
      assertThat(inner == null ? 0 : inner.oid()).isEqualTo(Long.parseLong(row.get(4)));
      if (type.kind() != Kind.ARRAY) {
        assertThat(String.valueOf(type.delimiter())).isEqualTo(row.get(2));
      }
    }
    assertThat(BuiltinTypes.all())
        .allSatisfy(
            type ->
                assertThat(database.value("select typname from pg_type where oid = " + type.oid()))
                    .isEqualTo(type.name()));
  }

  @Test
  void knowsTypesOfUsers() {
    database.execute(
        """
        create type mood as enum ('sad', 'ok');
        create domain posint as int4 check (value > 0);
        create domain posints as posint[];
        create type addr as (street text, zip posint);
        create type nested as (a addr, moods mood[]);
        create type floatrange as range (subtype = float8);
        """);
    PgType nested = typeOf("nested");
    assertThat(nested.kind()).isEqualTo(Kind.COMPOSITE);
    assertThat(nested.schema()).isEqualTo("public");
    PgType moods = nested.fields().get(1).type();
    assertThat(moods.kind()).isEqualTo(Kind.ARRAY);
    assertThat(moods.inner()).isEqualTo(typeOf("mood"));
    PgType zip = nested.fields().get(0).type().fields().get(1).type();
    assertThat(zip.kind()).isEqualTo(Kind.DOMAIN);
    assertThat(zip.baseType()).isEqualTo(BuiltinTypes.named("int4"));
    assertThat(typeOf("posints").baseType().kind()).isEqualTo(Kind.ARRAY);
    assertThat(typeOf("floatrange").inner()).isEqualTo(BuiltinTypes.named("float8"));
    assertThat(typeOf("floatmultirange").inner()).isEqualTo(typeOf("floatrange"));
    database.execute("alter type addr add attribute city text");
    assertThat(typeOf("addr").fields()).hasSize(3);
  }

  private PgType typeOf(String name) {
    database.execute("drop table if exists typed; create table typed(v " + name + ")");
    PgType unknown =
        PgType.unknown(Long.parseLong(database.value("select '" + name + "'::regtype::oid")));
    return completed(seen("typed", ColumnSchema.of("v", unknown))).column(0).type();
  }

  private TableSchema seen(String table, ColumnSchema... columns) {
    TableId id =
        new TableId(Long.parseLong(database.value("select '" + table + "'::regclass::oid")));
    return TableSchema.builder(id, new TableName("public", table))
        .snapshotLsn(new Lsn(1))
        .replicaIdentity(ReplicaIdentity.FULL)
        .columns(List.of(columns))
        .build();
  }

  /** As in a transaction that begins now. */
  private TableSchema completed(TableSchema seen) {
    TableFacts facts =
        source.catalog().facts(seen, Set.of()).getOrDefault(seen.id(), TableFacts.NONE);
    return facts.complete(seen, null, facts.read().nextXid());
  }

  @Test
  void manyTablesAreLookedUpAsEachOfThem() {
    database.execute(
        """
        create type mood as enum ('sad', 'happy'); create type addr as (street text, feels mood);
        create table plain(a int primary key, m mood default 'sad');
        create table typed(a int primary key, d addr, b addr[]);
        create table keyless(a int); alter table keyless add column late int default 7;
        create table parted(a int, b int, primary key (a, b)) partition by list (a);
        create table parted1 partition of parted for values in (1);
        alter table parted replica identity full; alter table parted1 replica identity full;
        create table leafless(a int primary key) partition by list (a);
        """);
    ColumnSchema ofType =
        ColumnSchema.of(
            "d", PgType.unknown(Long.parseLong(database.value("select 'addr'::regtype::oid"))));
    TableSchema gone =
        TableSchema.builder(new TableId(7), new TableName("public", "gone"))
            .columns(List.of(ofType))
            .build();
    List<TableSchema> all =
        Stream.of("plain", "typed", "keyless", "parted", "leafless").map(this::seen).toList();

    Map<TableId, TableFacts> together =
        source.catalog().facts(gone, all.stream().map(TableSchema::id).toList());
    assertThat(together).hasSize(all.size());
    for (TableSchema each : all) {
      TableFacts alone = source.catalog().facts(each, Set.of()).get(each.id());
      assertThat(together.get(each.id()))
          .usingRecursiveComparison()
          .ignoringFields("read")
          .isEqualTo(alone);
    }
    assertThat(together.get(all.get(1).id()))
        .extracting(facts -> facts.types().size())
        .isEqualTo(2);
    assertThat(together.get(all.get(2).id())).extracting(TableFacts::types).isEqualTo(Map.of());
    assertThat(together.get(all.get(3).id())).extracting(TableFacts::leaves).isNotNull();
  }

  @Test
  void hintsComeFromTheCatalogueOnlyWhereItDescribesTheSameColumn() {
    database.execute(
        """
        create table t(a int, b text not null default 'x', c numeric(10,2), gone int,
          g int generated always as (a + 1) stored, primary key (c, a) include (b));
        """);
    PgType int4 = BuiltinTypes.named("int4");
    TableSchema seen =
        seen(
            "t",
            ColumnSchema.of("a", int4),
            ColumnSchema.of("b", BuiltinTypes.named("text")),
            ColumnSchema.of("c", BuiltinTypes.named("numeric")),
            ColumnSchema.of("gone", BuiltinTypes.named("int8")));
    TableSchema hinted = completed(seen);
    assertThat(hinted.sameOnTheWire(seen)).isTrue();
    // Half a key is none: the other column of it is not the one the stream saw.
    assertThat(hinted.column(0))
        .isEqualTo(ColumnSchema.builder("a", int4).attributeNumber(1).nullable(false).build());
    assertThat(hinted.column(1).defaultExpression()).isEqualTo("'x'::text");
    assertThat(hinted.column(1).primaryKeyOrdinal()).isZero();
    assertThat(hinted.column(1).nullable()).isFalse();
    // Another modifier, another type: not the columns the stream saw.
    assertThat(hinted.column(2)).isEqualTo(seen.column(2));
    assertThat(hinted.column(3)).isEqualTo(seen.column(3));
    database.execute("drop table t");
    assertThat(completed(seen)).isEqualTo(seen);
  }

  @Test
  void survivesTheLossOfItsControlConnection() {
    source.slots();
    database.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pgetl/it/control'");
    assertThat(source.slots()).isEmpty();
  }

  @Test
  void leavesNoConnectionAndOpensNoneAfterItWasClosed() {
    source.slots();
    Session copy = source.openCopy("test");
    source.close();
    assertThatThrownBy(() -> Sql.run(copy.jdbc(), "select 1")).isInstanceOf(SQLException.class);
    assertThatThrownBy(source::slots).isInstanceOf(EtlException.class);
    await()
        .until(
            () ->
                database
                    .value(
                        "select count(*) from pg_stat_activity where application_name like 'pgetl/it/%' and datname = current_database()")
                    .equals("0"));
  }

  private PublishedTable table(String name) {
    return Objects.requireNonNull(published().get(name), name);
  }

  private Map<String, PublishedTable> published() {
    return source.publishedTables("pub").stream()
        .collect(Collectors.toMap(table -> table.name().name(), Function.identity()));
  }
}
