/**
 * Decides what a repository holds and what a reference means: which digest a tag names, whether a
 * manifest may be put or removed, and whether an image is here or must be fetched. Pure: a {@link
 * dev.waybill.image.catalog.Catalog} and a question in, changes or a refusal out.
 *
 * <p>A repository holds blobs, manifests and tags. A blob is seen only in repositories it was put
 * into or mounted to, although the bytes are kept once. A manifest may be put once everything it
 * names is in the repository; a mirrored index may name platforms that nobody asked for yet.
 *
 * <p>Images from elsewhere are kept as {@code mirror/HOST/REPOSITORY}, the colon of a port written
 * as {@code _}: {@code mirror/127.0.0.1_5000/team/app}. That name is a legal repository of our own
 * registry, says where the image came from, and can't be taken for one that was pushed here.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.image.catalog;
