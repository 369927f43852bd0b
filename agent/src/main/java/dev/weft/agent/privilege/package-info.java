/** What we may do where the application's threads have brought us. */
@NullMarked
package dev.weft.agent.privilege;

import org.jspecify.annotations.NullMarked;
