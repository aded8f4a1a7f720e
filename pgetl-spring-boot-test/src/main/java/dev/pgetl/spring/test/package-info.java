/** The test kit's Postgres in tests of Spring Boot applications. */
@NullMarked
package dev.pgetl.spring.test;

import org.jspecify.annotations.NullMarked;
