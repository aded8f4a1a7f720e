package dev.pgetl.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.pgetl.ValueEquality;
import org.junit.jupiter.api.Test;

class ColumnSchemaTest {
  private static final PgType INT4 = PgType.base(23, "int4");

  private static ColumnSchema.Builder full() {
    return ColumnSchema.builder("a", INT4)
        .modifier(4)
        .inReplicaIdentity(true)
        .attributeNumber(7)
        .nullable(false)
        .primaryKeyOrdinal(2)
        .defaultExpression("1");
  }

  @Test
  void isNullableWithoutKeyModifierOrHintsUnlessToldOtherwise() {
    ColumnSchema column = ColumnSchema.of("a", INT4);

    assertThat(column.name()).isEqualTo("a");
    assertThat(column.type()).isEqualTo(INT4);
    assertThat(column.modifier()).isEqualTo(-1);
    assertThat(column.inReplicaIdentity()).isFalse();
    assertThat(column.attributeNumber()).isZero();
    assertThat(column.nullable()).isTrue();
    assertThat(column.primaryKeyOrdinal()).isZero();
    assertThat(column.defaultExpression()).isNull();
  }

  @Test
  void keepsWhatItIsGiven() {
    ColumnSchema column = full().build();

    assertThat(column.modifier()).isEqualTo(4);
    assertThat(column.inReplicaIdentity()).isTrue();
    assertThat(column.attributeNumber()).isEqualTo(7);
    assertThat(column.nullable()).isFalse();
    assertThat(column.primaryKeyOrdinal()).isEqualTo(2);
    assertThat(column.defaultExpression()).isEqualTo("1");
    assertThat(column.toBuilder().build()).isEqualTo(column);
  }

  @Test
  void isEqualIfEveryPartIs() {
    ValueEquality.check(
        () -> ColumnSchema.of("a", INT4),
        () -> full().build(),
        () -> full().name("b").build(),
        () -> full().type(PgType.base(20, "int8")).build(),
        () -> full().modifier(5).build(),
        () -> full().inReplicaIdentity(false).build(),
        () -> full().attributeNumber(8).build(),
        () -> full().nullable(true).build(),
        () -> full().primaryKeyOrdinal(1).build(),
        () -> full().defaultExpression(null).build());
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without NullAway may do
  void refusesWhatNoColumnHas() {
    assertThatNullPointerException()
        .isThrownBy(() -> ColumnSchema.builder(null, INT4))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> ColumnSchema.of("a", null))
        .withMessage("type");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> full().attributeNumber(-1))
        .withMessage("attributeNumber must not be negative, is -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> full().primaryKeyOrdinal(-1))
        .withMessage("primaryKeyOrdinal must not be negative, is -1");
  }

  @Test
  void printsEveryPart() {
    assertThat(full().build())
        .hasToString(
            "ColumnSchema{name=a, type=int4, modifier=4, inReplicaIdentity=true,"
                + " attributeNumber=7, nullable=false, primaryKeyOrdinal=2, defaultExpression=1}");
  }
}
