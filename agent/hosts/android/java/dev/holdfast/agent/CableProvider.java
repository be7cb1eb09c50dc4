package dev.holdfast.agent;

import android.content.ContentProvider;
import android.content.ContentValues;
import android.database.Cursor;
import android.net.Uri;
import android.os.Binder;
import android.os.Bundle;
import android.os.Process;
import android.util.Base64;
import dev.holdfast.agent.core.CableReplies;

/**
 * The agent's end of the cable: {@code content call --uri content://dev.holdfast.agent.cable --method deliver --arg BASE64} with a
 * CableRequest; the Bundle's {@code reply} is a CableReply in base64. It carries no authority: every message that matters is signed by
 * somebody else. Rows and files are not offered.
 */
public final class CableProvider extends ContentProvider {
  static final String METHOD_DELIVER = "deliver";
  static final String KEY_REPLY = "reply";

  /** The kernel gives a command at most 128 KiB in one argument. */
  private static final int MAX_ARG_CHARS = 128 * 1024;

  /** The station waits 30 seconds (provisioning/handset/agent-channel.ts); it should hear from the phone, not from its own clock. */
  private static final long DEADLINE_MILLIS = 28_000;

  @Override
  public boolean onCreate() {
    return true;
  }

  @Override
  public Bundle call(String method, String arg, Bundle extras) {
    requireCable();
    if (!METHOD_DELIVER.equals(method)) {
      throw new UnsupportedOperationException("no such method");
    }
    byte[] request = requestIn(arg);
    byte[] reply =
        request == null
            ? CableReplies.refused("MALFORMED", "not a request in base64")
            : AgentApp.host(getContext()).cable(request, DEADLINE_MILLIS);
    Bundle answer = new Bundle();
    answer.putString(KEY_REPLY, Base64.encodeToString(reply, Base64.NO_WRAP));
    return answer;
  }

  /** Null if it is none. */
  private byte[] requestIn(String arg) {
    if (arg == null || arg.isEmpty() || arg.length() > MAX_ARG_CHARS) {
      return null;
    }
    try {
      return Base64.decode(arg, Base64.NO_WRAP);
    } catch (IllegalArgumentException malformed) {
      return null;
    }
  }

  /** Android leaves the checks of {@link ContentProvider#call} to the provider, and adb can grant the manifest's permission to an app. */
  private static void requireCable() {
    if (!CableCallers.mayCall(Binder.getCallingUid(), Process.myUid())) {
      throw new SecurityException("the cable is for the shell only");
    }
  }

  @Override
  public String getType(Uri uri) {
    return null;
  }

  @Override
  public Cursor query(Uri uri, String[] projection, String selection, String[] selectionArgs, String sortOrder) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Uri insert(Uri uri, ContentValues values) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int delete(Uri uri, String selection, String[] selectionArgs) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int update(Uri uri, ContentValues values, String selection, String[] selectionArgs) {
    throw new UnsupportedOperationException();
  }
}
