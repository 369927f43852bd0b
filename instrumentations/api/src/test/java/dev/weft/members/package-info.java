/** Tests of the check, against classes that are changed as later versions change theirs. */
package dev.weft.members;
