package dev.holdfast.agent;

import android.app.admin.DeviceAdminReceiver;

/** The component that is made device owner: {@code dpm set-device-owner dev.holdfast.agent/.AdminReceiver}. Its name is for ever. */
public final class AdminReceiver extends DeviceAdminReceiver {}
