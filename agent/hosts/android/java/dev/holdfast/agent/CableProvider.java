package dev.holdfast.agent;

import android.content.ContentProvider;
import android.content.ContentValues;
import android.database.Cursor;
import android.net.Uri;
import android.os.Binder;
import android.os.Bundle;
import android.os.Process;
import android.util.Base64;

/**
 * The agent's end of the cable: {@code content call --uri content://dev.holdfast.agent.cable --method deliver --arg BASE64} with a
 * CableRequest; the Bundle's {@code reply} is a CableReply in base64. It carries no authority: every message that matters is signed
 * by somebody else. Rows and files are not offered.
 */
public final class CableProvider extends ContentProvider {
  static final String METHOD_DELIVER = "deliver";
  static final String KEY_REPLY = "reply";

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
    byte[] reply = CableReplies.refused("ENGINE_MISSING", "this build of the agent has no engine and binds nothing");
    Bundle answer = new Bundle();
    answer.putString(KEY_REPLY, Base64.encodeToString(reply, Base64.NO_WRAP));
    return answer;
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
