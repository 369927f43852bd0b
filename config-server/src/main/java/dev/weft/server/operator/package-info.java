/**
 * People and their programs: {@link dev.weft.server.operator.Operators} judges the tokens that they
 * show, {@link dev.weft.server.operator.OperatorTokens} makes and revokes them.
 */
@NullMarked
package dev.weft.server.operator;

import org.jspecify.annotations.NullMarked;
