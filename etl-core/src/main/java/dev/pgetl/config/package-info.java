/** Settings of a pipeline: immutable, made by builders that name every mistake at once. */
@NullMarked
package dev.pgetl.config;

import org.jspecify.annotations.NullMarked;
