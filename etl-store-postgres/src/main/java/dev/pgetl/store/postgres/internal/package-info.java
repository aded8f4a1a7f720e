/** What the driver has to reach by name; not for users. */
@NullMarked
package dev.pgetl.store.postgres.internal;

import org.jspecify.annotations.NullMarked;
