package dev.pgetl.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TableClaimsTest {
  private static final TableId USERS = new TableId(7);
  private static final TableId ORDERS = new TableId(8);

  private final TableClaims claims = new TableClaims();
  private final TableClaims.Claimant first = claims.of(pipeline("first", "shop"), "cluster");
  private final TableClaims.Claimant second = claims.of(pipeline("second", "shop"), "cluster");

  @Test
  void aTableBelongsToWhoTookItFirst() {
    assertThat(first.take(USERS)).isTrue();
    assertThat(first.take(USERS)).isTrue();
    assertThat(second.take(USERS)).isFalse();
    assertThat(second.take(ORDERS)).isTrue();
    assertThat(second.owner(USERS)).isEqualTo("pipeline first (publication \"pub_first\")");
  }

  @Test
  void aTableIsFreeOnceItsOwnerHasReleasedIt() {
    assertThat(first.take(USERS)).isTrue();
    second.release(USERS);
    assertThat(second.take(USERS)).isFalse();
    first.release(USERS);
    assertThat(second.owner(USERS)).isEqualTo("no pipeline");
    assertThat(second.take(USERS)).isTrue();
  }

  @Test
  void tablesOfOtherDatabasesAreOthers() {
    assertThat(first.take(USERS)).isTrue();
    assertThat(claims.of(pipeline("second", "other"), "cluster").take(USERS)).isTrue();
    assertThat(claims.of(pipeline("second", "shop"), "other").take(USERS)).isTrue();
  }

  @Test
  void saysWhoHasWhat() {
    first.takeAll(List.of(published(USERS, "users"), published(ORDERS, "orders")));

    EtlException failure =
        catchThrowableOfType(
            EtlException.class,
            () ->
                second.takeAll(
                    List.of(published(new TableId(9), "mine"), published(ORDERS, "orders"))));

    assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    assertThat(failure.summary())
        .contains("pipeline second (publication \"pub_second\")")
        .endsWith("public.orders of pipeline first (publication \"pub_first\")");
    assertThat(failure.fix()).isNotEmpty();
  }

  private static PipelineConfig pipeline(String id, String database) {
    return PipelineConfig.builder(
            id, "pub_" + id, PgConnectionConfig.builder("localhost", database, "etl").build())
        .build();
  }

  private static PublishedTable published(TableId id, String name) {
    return new PublishedTable(
        "pub",
        id,
        new TableName("public", name),
        false,
        new PublishedTable.Columns(List.of(), ""),
        "",
        ReplicaIdentity.DEFAULT,
        new RowScope(1, "", "", "", "", Map.of()));
  }
}
