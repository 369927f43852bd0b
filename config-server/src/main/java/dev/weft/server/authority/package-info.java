/**
 * The certificate authority: {@link dev.weft.server.authority.CertificateAuthority} signs, {@link
 * dev.weft.server.authority.CertificateRequest} reads what agents ask for, {@link
 * dev.weft.server.authority.SvidVerifier} judges what they show, {@link
 * dev.weft.server.authority.ServerCertificate} is the server's own identity.
 */
@NullMarked
package dev.weft.server.authority;

import org.jspecify.annotations.NullMarked;
