/**
 * Keeps unpacked layers and what containers write on top of them. One copy of a layer per host,
 * whatever images have it: a layer is named by its diff id, since it is unpacked by itself.
 *
 * <p>Everything is prepared under a temporary name and renamed, so that what has its name is whole;
 * what a process that died left behind is removed at the next start.
 *
 * <pre>
 * DATA/layers/abcd…          a layer's files
 * DATA/l/abcd…               a short link to it: the options of a mount have one page for all layers
 * DATA/containers/ID/layers  the layers a container stands on, lowest first
 * DATA/containers/ID/driver  which graph driver made what is beside it; absent for overlayfs
 * DATA/containers/ID/rootfs  its root, or where that is mounted
 * DATA/tmp/…                 what is being made or removed
 * </pre>
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.noderunner.snapshot;
