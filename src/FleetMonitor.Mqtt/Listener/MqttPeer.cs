using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace FleetMonitor.Mqtt.Listener;

/// <summary>What the transport knows of the other side, for the host's authentication and log.</summary>
public sealed record MqttPeer(EndPoint? Remote, X509Certificate2? Certificate = null);
