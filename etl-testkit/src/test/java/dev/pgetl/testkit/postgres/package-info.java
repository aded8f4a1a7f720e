/** Tests of the Postgres fixture. */
@NullMarked
package dev.pgetl.testkit.postgres;

import org.jspecify.annotations.NullMarked;
