/**
 * Decides whether a push still fits: bytes below a prefix of repositories and in total, manifests
 * and tags of one repository. Pure: the catalog and the limits in, a refusal out. What several
 * repositories below a prefix have in common counts once.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.image.quota;
