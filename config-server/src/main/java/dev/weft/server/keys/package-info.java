/**
 * Key sets of token issuers: {@link dev.weft.server.keys.KeySets} fetches them, so that no workload
 * has to.
 */
@NullMarked
package dev.weft.server.keys;

import org.jspecify.annotations.NullMarked;
