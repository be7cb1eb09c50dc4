package dev.holdfast.agent.core;

import java.security.SecureRandom;

/** Everything that the agent is given: on a phone by DevicePorts, in tests by fakes. */
public final class Ports {
  public Clock clock;
  public Alarms alarms;
  public Delay delay;
  public HandsetFiles files;
  public DeviceKey deviceKey;
  public HandsetControls controls;
  public DaemonSource daemons;
  public Poster poster;
  public NoticeBoard notices;
  public CallState calls;
  public KeepAwake awake;
  public Journal journal;
  public StartLog starts;
  public String agentVersion = "";

  /** For a check-in: two attempts, by the network in use and around a VPN, over a slow mobile network. */
  public long postDeadlineMillis = 40_000;

  public SecureRandom random = new SecureRandom();
}
