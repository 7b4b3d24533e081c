using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Mqtt;

namespace FleetMonitor.Service.Identity;

/// <summary>What the doors need before they open: who may come in, and the certificates. Commands that open none read none of it.</summary>
internal sealed record Doors(AccessControl Access, Tls Tls)
{
    /// <param name="report">Takes a sentence when a certificate was read again.</param>
    /// <param name="problem">Takes each problem.</param>
    /// <returns>Null where there are problems.</returns>
    public static Doors? Load(Settings settings, TimeProvider time, Action<string> report, Action<string> problem)
    {
        (AccessControl? access, IReadOnlyList<string> ofAccess) = AccessControl.Load(settings);
        (Tls? tls, IReadOnlyList<string> ofTls) = Tls.Load(settings, time, report);
        foreach (string text in ofAccess.Concat(ofTls))
        {
            problem(text);
        }

        return access is null || tls is null ? null : new Doors(access, tls);
    }

    /// <summary>Keys and passwords that anybody on the network could read: allowed, since the network may be guarded, and said.</summary>
    public void WarnOfPlainSecrets(Settings settings, Action<string> warn)
    {
        if (settings.Http.Certificate is null && !OpenDoors.IsLoopback(settings.Http.Url) && Access.Current.Keys.Count > 0)
        {
            warn("API keys cross the network in the clear: set Http:CertificateFile and an https address, or put a proxy with TLS in front.");
        }

        ListenerSettings listener = settings.Listener;
        if (listener.Enabled && listener.Certificate is null && !System.Net.IPAddress.IsLoopback(listener.Address) && Access.Current.Users.Count > 0)
        {
            warn("Passwords of rigs cross the network in the clear: set Mqtt:Listener:CertificateFile.");
        }

        foreach (BrokerAddress broker in settings.Subscriber.Brokers.Where(broker => !broker.Tls && settings.Subscriber.Password is not null && !broker.IsLoopback))
        {
            warn($"The password for {broker} crosses the network in the clear: write mqtts://.");
        }
    }
}
