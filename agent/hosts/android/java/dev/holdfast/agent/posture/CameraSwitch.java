package dev.holdfast.agent.posture;

/** The camera for every app, the emergency ones too: a torch that goes by the camera service still works. */
final class CameraSwitch extends PlatformSwitch {
  private final PolicyGateway gateway;

  CameraSwitch(PolicyGateway gateway) {
    this.gateway = gateway;
  }

  @Override
  void put(boolean restricted, Wanted wanted) {
    gateway.setCameraDisabled(restricted);
  }

  @Override
  boolean isAsWanted(boolean restricted, Wanted wanted) {
    return gateway.isCameraDisabled() == restricted;
  }
}
