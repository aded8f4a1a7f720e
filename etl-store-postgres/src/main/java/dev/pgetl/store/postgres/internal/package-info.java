/** Classes that the driver loads by name; not for users. */
@NullMarked
package dev.pgetl.store.postgres.internal;

import org.jspecify.annotations.NullMarked;
