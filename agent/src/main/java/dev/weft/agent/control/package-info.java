/** Where snapshots come from: the config server, or a folder of documents. */
@NullMarked
package dev.weft.agent.control;

import org.jspecify.annotations.NullMarked;
