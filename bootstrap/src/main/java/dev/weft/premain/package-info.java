/** The door: the premain class and nothing else, compiled for Java 8. */
package dev.weft.premain;
