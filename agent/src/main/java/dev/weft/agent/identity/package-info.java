/** The workload's certificate and the trust in others'. */
@NullMarked
package dev.weft.agent.identity;

import org.jspecify.annotations.NullMarked;
