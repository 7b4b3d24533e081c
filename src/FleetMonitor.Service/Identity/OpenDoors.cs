using System.Net;
using FleetMonitor.Service.Configuration;

namespace FleetMonitor.Service.Identity;

/// <summary>Finds doors that would stand open to the network: the service does not start with one, and takes no access file that opens one.</summary>
internal static class OpenDoors
{
    public static IEnumerable<SettingProblem> Find(Settings settings, AccessList access)
    {
        HttpSettings http = settings.Http;
        if (!IsLoopback(http.Url) && http.Keys.Count == 0 && access.Keys.Count == 0 && http.RoleHeader is null)
        {
            yield return new SettingProblem(
                "Http:Url",
                http.Url.OriginalString,
                "this address is open to the network and no keys are set: set Http:Keys or keys in Access:File, or bind to http://127.0.0.1:8080 behind a proxy");
        }

        ListenerSettings listener = settings.Listener;
        if (listener.Enabled && !IPAddress.IsLoopback(listener.Address) && ListenerAccess.IsOpen(listener, access) && !listener.AllowAnonymous)
        {
            yield return new SettingProblem(
                "Mqtt:Listener:Address",
                listener.Address.ToString(),
                "this address is open to the network and nobody has to log in: set users in Access:File or Mqtt:Listener:ClientCaFile; "
                + "on a rig network of its own, set Mqtt:Listener:AllowAnonymous=true");
        }
    }

    public static bool IsLoopback(Uri url) =>
        url.IsLoopback || (IPAddress.TryParse(url.Host, out IPAddress? address) && IPAddress.IsLoopback(address));
}
