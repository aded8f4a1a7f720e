/** What a running pipeline tells: snapshots of its status, and a listener. */
@NullMarked
package dev.pgetl.observe;

import org.jspecify.annotations.NullMarked;
