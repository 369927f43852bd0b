/** An adapter with one reference of each kind. */
package dev.weft.instrumentation.sample;
