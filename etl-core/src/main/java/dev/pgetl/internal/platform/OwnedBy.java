package dev.pgetl.internal.platform;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A field that one thread reads and writes, and no other, so that it needs no lock. */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.FIELD)
public @interface OwnedBy {
  /** {@return the role of that thread, such as {@code reader}} */
  String value();
}
