package dev.pgetl.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.schema.PgType.Kind;
import org.junit.jupiter.api.Test;

class BuiltinTypesTest {
  @Test
  void findsTypesByOidAndName() {
    assertThat(BuiltinTypes.find(23)).contains(BuiltinTypes.named("int4"));
    assertThat(BuiltinTypes.find(0)).isEmpty();
    assertThatThrownBy(() -> BuiltinTypes.named("integer"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void arraysRangesAndMultirangesKnowWhatTheyHold() {
    assertThat(BuiltinTypes.named("_int4").inner()).isSameAs(BuiltinTypes.named("int4"));
    assertThat(BuiltinTypes.named("int4range").inner()).isSameAs(BuiltinTypes.named("int4"));
    assertThat(BuiltinTypes.named("int4multirange").inner())
        .isSameAs(BuiltinTypes.named("int4range"));
    assertThat(BuiltinTypes.named("_int4multirange").inner())
        .isSameAs(BuiltinTypes.named("int4multirange"));
  }

  @Test
  void boxesAreSeparatedBySemicolons() {
    assertThat(BuiltinTypes.named("box").delimiter()).isEqualTo(';');
    assertThat(BuiltinTypes.named("point").delimiter()).isEqualTo(',');
  }

  @Test
  void vectorsAreScalars() {
    assertThat(BuiltinTypes.named("int2vector").kind()).isEqualTo(Kind.BASE);
    assertThat(BuiltinTypes.named("_int2vector").kind()).isEqualTo(Kind.ARRAY);
  }
}
