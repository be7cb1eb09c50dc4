package dev.holdfast.agent.posture;

import android.util.Log;
import dev.holdfast.agent.core.HandsetControls;
import java.util.ArrayList;
import java.util.List;

/** What the platform says about this handset. What it does not say is empty; nothing is guessed. */
final class FactsReader {
  private final PolicyGateway gateway;
  private final EssentialApps essential;
  private final SimDigest sim;

  FactsReader(PolicyGateway gateway, EssentialApps essential, SimDigest sim) {
    this.gateway = gateway;
    this.essential = essential;
    this.sim = sim;
  }

  HandsetControls.Facts read(byte[] attestationDigest) {
    HandsetControls.Facts facts = new HandsetControls.Facts();
    facts.deviceOwner = isDeviceOwner();
    if (facts.deviceOwner) {
      grant();
    }
    facts.imeis = imeis();
    facts.serial = serial();
    EssentialApps.Found found = essential.find();
    facts.essentialRoles = new ArrayList<Integer>(found.roles);
    facts.essentialPackages = new ArrayList<String>(found.packages);
    facts.simDigest = simDigest();
    facts.attestationDigest = attestationDigest.clone();
    return facts;
  }

  private boolean isDeviceOwner() {
    try {
      return gateway.isDeviceOwner();
    } catch (RuntimeException unknown) {
      return silent("ownership", unknown, false);
    }
  }

  private void grant() {
    try {
      gateway.grantReadPhoneState();
    } catch (RuntimeException refused) {
      silent("phone state", refused, null);
    }
  }

  /** All or none: a list with a hole would put an IMEI into the wrong slot. */
  private List<String> imeis() {
    List<String> imeis = new ArrayList<String>();
    try {
      for (int slot = 0; slot < gateway.modemCount(); slot++) {
        String imei = gateway.imei(slot);
        if (imei != null && !imei.isEmpty()) {
          imeis.add(imei);
        }
      }
      return imeis;
    } catch (RuntimeException unreadable) {
      return silent("IMEIs", unreadable, new ArrayList<String>());
    }
  }

  private String serial() {
    try {
      String serial = gateway.serial();
      return serial == null || serial.equals("unknown") ? "" : serial;
    } catch (RuntimeException unreadable) {
      return silent("serial number", unreadable, "");
    }
  }

  private byte[] simDigest() {
    try {
      return sim.of(gateway.subscriptionIds());
    } catch (RuntimeException unreadable) {
      return silent("SIM", unreadable, new byte[0]);
    }
  }

  private static <T> T silent(String about, RuntimeException why, T instead) {
    Log.i("Holdfast", "the platform does not tell: " + about + " (" + why.getClass().getSimpleName() + ")");
    return instead;
  }
}
