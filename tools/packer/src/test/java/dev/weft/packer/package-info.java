@NullMarked
package dev.weft.packer;

import org.jspecify.annotations.NullMarked;
