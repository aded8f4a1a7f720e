/** Whether a table is copied by ranges of its primary key, and by which. */
@NullMarked
package dev.pgetl.internal.copy.key;

import org.jspecify.annotations.NullMarked;
