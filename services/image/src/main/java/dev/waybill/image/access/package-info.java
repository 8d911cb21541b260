/**
 * Decides who may do what with which repository of the registry: by password everything, by a token
 * what was asked for when it was issued. Tokens are signed with a key that lives as long as the
 * process, so none outlives a restart.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.image.access;
