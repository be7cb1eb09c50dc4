package dev.holdfast.agent.posture;

import android.content.Context;
import dev.holdfast.agent.core.HandsetControls;
import dev.holdfast.agent.core.Posture;
import java.io.File;
import java.util.ArrayList;
import java.util.List;

/**
 * What Android does for the agent as device owner. It decides nothing: a posture comes from the engine, is brought about control by
 * control, and is then asked back from the platform. POSTURE.md has the table. Threads may come from anywhere; one is served at a time.
 */
public final class DeviceControls implements HandsetControls {
  private final PolicyGateway gateway;
  private final EssentialApps essential;
  private final Controls controls;
  private final Disclosure disclosure;
  private final SupportCallWindow supportCall;
  private final FactsReader facts;
  private final OwnershipReturn ownership;
  private byte[] attestationDigest = new byte[0];

  public DeviceControls(Context context) {
    this(new AndroidPolicyGateway(context), new File(context.createDeviceProtectedStorageContext().getFilesDir(), "posture"));
  }

  /** @param folder in storage that can be read before the first unlock. */
  DeviceControls(PolicyGateway gateway, File folder) {
    folder.mkdirs(); // where that fails, so does every note in it, and nothing is taken
    final HeldAppsFile heldApps = new HeldAppsFile(folder);
    final SimDigest sim = new SimDigest(folder);
    this.gateway = gateway;
    this.essential = new EssentialApps(gateway);
    this.controls = new Controls(gateway, new HeldApps(gateway, heldApps));
    this.disclosure = new Disclosure(gateway);
    this.supportCall = new SupportCallWindow(gateway);
    this.facts = new FactsReader(gateway, essential, sim);
    this.ownership =
        new OwnershipReturn(
            gateway,
            controls,
            disclosure,
            new Runnable() {
              @Override
              public void run() {
                heldApps.delete();
                sim.forget();
              }
            });
  }

  @Override
  public synchronized Facts facts() {
    return facts.read(attestationDigest);
  }

  /** Given by whoever reads the key attestation; empty until then. */
  public synchronized void setAttestationDigest(byte[] digest) {
    attestationDigest = digest.clone();
  }

  @Override
  public synchronized List<String> apply(Posture posture) {
    if (!gateway.isDeviceOwner()) {
      throw new IllegalStateException("not the device owner");
    }
    Wanted wanted = Wanted.of(posture, essential.find(), gateway.ownPackage());
    Wanted now = supportCall.isOpen() ? Wanted.of(without(posture, Controls.OUTGOING_CALLS), wanted.essential, gateway.ownPackage()) : wanted;
    controls.bring(now);
    return controls.drift(wanted, posture.restricted);
  }

  /**
   * The borrower calls the lender's support line: outgoing calls are let through for three minutes, and until the next
   * {@link #apply} after that. Applied meanwhile, a posture that restricts them says so as drift. Never throws.
   */
  @Override
  public synchronized void letSupportCallThrough() {
    supportCall.open();
    controls.named(Controls.OUTGOING_CALLS).bring(Wanted.nothing(gateway.ownPackage()));
  }

  /** Says on the platform's own pages who manages this phone and why; empty texts take it back. */
  @Override
  public synchronized void disclose(String lender, String shortly, String atLength, String onLockScreen) {
    disclosure.say(lender, shortly, atLength, onLockScreen);
  }

  /** Before the first unlock after a restart Android does not give ownership back: false, and it is asked again later. */
  @Override
  public synchronized boolean returnOwnership() {
    return ownership.run();
  }

  private static Posture without(Posture posture, String control) {
    List<String> rest = new ArrayList<String>(posture.restricted);
    rest.remove(control);
    return new Posture(posture.revision, rest, posture.openPackages);
  }
}
