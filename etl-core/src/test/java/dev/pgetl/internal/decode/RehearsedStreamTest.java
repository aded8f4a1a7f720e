package dev.pgetl.internal.decode;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RehearsedStreamTest {
  @Test
  void itsRowIsDecoded() {
    assertThat(RehearsedStream.decode()).isEqualTo(1);
  }
}
