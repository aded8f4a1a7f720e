package dev.pgetl.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.pgetl.schema.PgType.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link TableName}, {@link TableId}, {@link ReplicaIdentity} and {@link PgType}. */
class NamesAndTypesTest {
  @Test
  void aNameIsQuotedForSql() {
    assertThat(new TableName("My Schema", "say \"hi\"").quoted())
        .isEqualTo("\"My Schema\".\"say \"\"hi\"\"\"");
    assertThat(TableName.quote("\"; DROP TABLE t; --")).isEqualTo("\"\"\"; DROP TABLE t; --\"");
    assertThat(new TableName("public", "t")).hasToString("public.t");
  }

  @Test
  void anOidIsAnUnsignedNumberOf32Bits() {
    assertThat(new TableId(0xFFFFFFFFL)).hasToString("4294967295");
    assertThat(new TableId(2)).isLessThan(new TableId(10));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 0x100000000L, Long.MAX_VALUE})
  void otherNumbersAreNoOid(long number) {
    assertThatIllegalArgumentException().isThrownBy(() -> new TableId(number));
  }

  @ParameterizedTest
  @EnumSource
  void anIdentityIsKnownByItsLetter(ReplicaIdentity identity) {
    assertThat(ReplicaIdentity.ofCode(identity.code())).isEqualTo(identity);
  }

  @Test
  void otherLettersAreNoIdentity() {
    assertThatIllegalArgumentException().isThrownBy(() -> ReplicaIdentity.ofCode('x'));
  }

  @Test
  void aDomainIsWhatItRestrictsInTheEnd() {
    PgType text = PgType.base(25, "text");
    PgType email = domain(100, text);
    PgType workEmail = domain(101, email);

    assertThat(workEmail.baseType()).isSameAs(text);
    assertThat(text.baseType()).isSameAs(text);
    assertThat(text.arrayOf(1009).baseType().kind()).isEqualTo(Kind.ARRAY);
  }

  private static PgType domain(long oid, PgType inner) {
    return new PgType(oid, "public", "d" + oid, Kind.DOMAIN, inner, ',', List.of());
  }

  @Test
  void anArrayIsNamedAfterItsElement() {
    assertThat(PgType.base(25, "text").arrayOf(1009)).hasToString("_text");
    assertThat(domain(100, PgType.base(25, "text"))).hasToString("public.d100");
    assertThat(PgType.unknown(4711)).hasToString("type 4711");
  }
}
