using System.Net;
using FleetMonitor.Service.Configuration;

namespace FleetMonitor.Service.Http;

/// <summary>
/// Where a request comes from: the other end of the connection or, where that is a trusted proxy, whom the proxy names last in
/// <c>X-Forwarded-For</c>. What stands before it there, anybody could have written.
/// </summary>
internal static class Remote
{
    private static readonly object AddressItem = new();
    private static readonly object ProxyItem = new();

    /// <summary>Finds it once for each request, before anything else looks.</summary>
    public static void UseRemote(this WebApplication web, HttpSettings settings) => web.Use((http, next) =>
    {
        IPAddress? peer = Plain(http.Connection.RemoteIpAddress);
        bool isProxy = peer is not null && settings.Proxies.Any(proxy => proxy.Contains(peer));
        string forwarded = isProxy ? http.Request.Headers["X-Forwarded-For"].ToString() : string.Empty;
        string last = forwarded[(forwarded.LastIndexOf(',') + 1)..].Trim();
        http.Items[ProxyItem] = isProxy;
        http.Items[AddressItem] = IPAddress.TryParse(last, out IPAddress? client) ? Plain(client) : peer;
        return next(http);
    });

    public static IPAddress? AddressOf(HttpContext http) => (IPAddress?)http.Items[AddressItem];

    public static bool CameThroughProxy(HttpContext http) => http.Items[ProxyItem] is true;

    /// <summary>Whether a request was meant for this machine, by the name that it was asked under (none in HTTP/1.0).</summary>
    public static bool IsLoopbackName(string host) =>
        host is "" or "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
}
