using System.Security.Cryptography;
using System.Text;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetMonitor.Service.Http;

/// <summary>What a caller may do; each role may also do what those before it may.</summary>
internal enum Role
{
    /// <summary>Reads everything.</summary>
    Viewer,

    /// <summary>Acts on the fleet and on input.</summary>
    Operator,

    /// <summary>Closes periods.</summary>
    Finance,
}

/// <param name="Name">Of the key, or what a proxy says; null where nobody has to say who it is.</param>
internal sealed record Caller(string? Name, Role Role);

/// <summary>
/// Tells callers by their API key, or by what a trusted reverse proxy says of them. With neither set — the service is bound to loopback then —
/// everybody on this machine may do everything but act for finance, which always takes a key or a proxy's word.
/// </summary>
internal sealed class Access(HttpSettings settings, AccessControl control, TimeProvider time)
{
    private static readonly object CallerItem = new();

    private readonly AddressLimiter _failedKeys = new(settings.FailedKeysPerMinute, time);

    /// <summary>True where nobody has to say who it is.</summary>
    public bool IsOpen => control.Current.Keys.Count == 0 && settings.RoleHeader is null;

    /// <summary>Null where the caller may do what takes a role; else the answer that says why not.</summary>
    public ProblemHttpResult? Refuse(HttpContext http, Role needed)
    {
        Caller? caller = KeyIn(http.Request) is { } key ? CallerByKey(http, key, out TimeSpan wait) : CallerWithoutKey(http, out wait);
        if (wait > TimeSpan.Zero)
        {
            return RequestLimit.TooMany(http, wait, "Too many wrong API keys came from this address.");
        }

        if (caller is null || (IsOpen && caller.Role < needed))
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
            return TypedResults.Problem(
                IsOpen
                    ? $"No API keys are set. Set one under Http:Keys with the role {Name(needed)}, and send it as 'Authorization: Bearer KEY'."
                    : "Send an API key as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'; keys stand under Http:Keys or in the access file.",
                statusCode: StatusCodes.Status401Unauthorized);
        }

        if (caller.Role < needed)
        {
            return TypedResults.Problem(
                $"This takes the role {Name(needed)}; {caller.Name} has {Name(caller.Role)}.",
                statusCode: StatusCodes.Status403Forbidden);
        }

        http.Items[CallerItem] = caller;
        return null;
    }

    /// <summary>Who calls, inside an endpoint that has <see cref="AccessExtensions.Require"/>.</summary>
    public static Caller Current(HttpContext http) => (Caller)http.Items[CallerItem]!;

    public static string Name(Role role) => role switch
    {
        Role.Viewer => "viewer",
        Role.Operator => "operator",
        Role.Finance => "finance",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, null),
    };

    private Caller? CallerByKey(HttpContext http, string key, out TimeSpan wait)
    {
        System.Net.IPAddress? address = Remote.AddressOf(http);
        wait = _failedKeys.Wait(address);
        if (wait > TimeSpan.Zero)
        {
            return null;
        }

        Span<byte> presented = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), presented);
        Span<byte> kept = stackalloc byte[SHA256.HashSizeInBytes];
        ApiKeySettings? holder = null;
        foreach (ApiKeySettings known in control.Current.Keys)
        {
            // All of them, always: how long it takes tells nothing.
            Convert.FromHexString(known.Sha256, kept, out _, out _);
            holder = CryptographicOperations.FixedTimeEquals(kept, presented) ? known : holder;
        }

        if (holder is null)
        {
            _failedKeys.TryTake(address);
            return null;
        }

        return new Caller(holder.Name, RoleOf(holder.Role)!.Value);
    }

    private Caller? CallerWithoutKey(HttpContext http, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (IsOpen)
        {
            // A web page that has its own name point here is not on this machine, though the browser is.
            return Remote.IsLoopbackName(http.Request.Host.Host) ? new Caller(null, Role.Operator) : null;
        }

        return settings.RoleHeader is { } header
            && Remote.CameThroughProxy(http)
            && RoleOf(http.Request.Headers[header].ToString()) is { } role
                ? new Caller(settings.UserHeader is { } name && http.Request.Headers[name] is { Count: 1 } user ? user.ToString() : "proxy", role)
                : null;
    }

    private static Role? RoleOf(string name) => name switch
    {
        "viewer" => Role.Viewer,
        "operator" => Role.Operator,
        "finance" => Role.Finance,
        _ => null,
    };

    private static string? KeyIn(HttpRequest request)
    {
        const string Scheme = "Bearer ";
        string authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? authorization[Scheme.Length..].Trim()
            : request.Headers["X-Api-Key"] is { Count: > 0 } key ? key.ToString() : null;
    }
}

internal static class AccessExtensions
{
    /// <summary>Lets only callers in who have the role.</summary>
    public static TBuilder Require<TBuilder>(this TBuilder builder, Access access, Role role)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (invocation, next) =>
            access.Refuse(invocation.HttpContext, role) is { } refused ? refused : await next(invocation));
}
