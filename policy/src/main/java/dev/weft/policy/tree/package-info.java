/**
 * Values to plain trees and back: what travels between config server and agent, what is kept on
 * disk, and what content hashes are taken of. {@link dev.weft.policy.tree.Trees} is all there is;
 * turning a tree into JSON text is the caller's business.
 */
@NullMarked
package dev.weft.policy.tree;

import org.jspecify.annotations.NullMarked;
