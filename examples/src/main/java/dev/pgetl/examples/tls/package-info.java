/** An encrypted connection: {@link dev.pgetl.examples.tls.OwnPostgresWithTls}. */
@NullMarked
package dev.pgetl.examples.tls;

import org.jspecify.annotations.NullMarked;
