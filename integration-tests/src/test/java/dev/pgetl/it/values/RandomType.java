package dev.pgetl.it.values;

import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A type of Postgres and random values of it.
 *
 * @param sql its name
 * @param generator makes values that are not null
 * @param list whether the values are lists, so that an array of several dimensions has to say where
 *     its dimensions end
 */
record RandomType(String sql, Function<RandomGenerator, Literal> generator, boolean list) {

  /**
   * A value.
   *
   * @param value as a row gives it
   * @param sql an expression of which the server makes it
   */
  record Literal(@Nullable Object value, String sql) {
    static final Literal NULL = new Literal(null, "NULL");
  }

  /** {@return a type whose values are written as text} */
  static RandomType ofText(String sql, Function<RandomGenerator, Text> texts) {
    return new RandomType(
        sql,
        random -> {
          Text text = texts.apply(random);
          return new Literal(text.value(), quoted(text.text()) + "::" + sql);
        },
        false);
  }

  /**
   * A value, and a text the server reads it from.
   *
   * @param value as a row gives it
   * @param text need not be the one the server prints
   */
  record Text(Object value, String text) {
    static Text of(Object value) {
      return new Text(value, value.toString());
    }
  }

  static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  Literal next(RandomGenerator random) {
    return generator.apply(random);
  }

  Literal nextOrNull(RandomGenerator random) {
    return random.nextInt(8) == 0 ? Literal.NULL : next(random);
  }
}
