package dev.holdfast.agent;

import android.app.admin.DeviceAdminService;

/**
 * Does nothing: Android keeps a connection to a device owner's service of this kind for as long as the phone runs, so the process is
 * there to hear that somebody is present, and is not frozen while a check-in is under way.
 */
public final class OwnerService extends DeviceAdminService {}
