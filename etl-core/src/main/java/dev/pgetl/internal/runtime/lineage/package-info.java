/** Whether what is remembered of a server is continued on the one that answers now. */
@NullMarked
package dev.pgetl.internal.runtime.lineage;

import org.jspecify.annotations.NullMarked;
