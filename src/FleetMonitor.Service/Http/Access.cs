using System.Security.Cryptography;
using System.Text;
using FleetMonitor.Service.Configuration;
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

/// <param name="Name">Of the key; null where no keys are set.</param>
internal sealed record Caller(string? Name, Role Role);

/// <summary>
/// Tells callers by their API key. With no keys set — the service is bound to loopback then — everybody may do everything but act for finance,
/// which always takes a key.
/// </summary>
internal sealed class Access(IReadOnlyList<ApiKeySettings> settings)
{
    private static readonly object CallerItem = new();

    private readonly IReadOnlyList<(byte[] Sha256, Caller Caller)> _keys =
        [.. settings.Select(key => (Convert.FromHexString(key.Sha256), new Caller(key.Name, Enum.Parse<Role>(key.Role, ignoreCase: true))))];

    /// <summary>True where no keys are set.</summary>
    public bool IsOpen => _keys.Count == 0;

    /// <summary>Null where a key is needed and none that is known came.</summary>
    public Caller? CallerOf(HttpRequest request)
    {
        string? key = KeyIn(request);
        if (IsOpen)
        {
            return key is null ? new Caller(null, Role.Operator) : null;
        }

        byte[] presented = SHA256.HashData(Encoding.UTF8.GetBytes(key ?? string.Empty));
        Caller? caller = null;
        foreach ((byte[] sha256, Caller holder) in _keys)
        {
            // All of them, always: how long it takes tells nothing.
            caller = CryptographicOperations.FixedTimeEquals(sha256, presented) ? holder : caller;
        }

        return caller;
    }

    /// <summary>Null where the caller may do what takes a role; else the answer that says why not.</summary>
    public ProblemHttpResult? Refuse(HttpContext http, Role needed)
    {
        Caller? caller = CallerOf(http.Request);
        if (caller is null || (IsOpen && caller.Role < needed))
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
            return TypedResults.Problem(
                IsOpen
                    ? $"No API keys are set. Set one under Http:Keys with the role {Name(needed)}, and send it as 'Authorization: Bearer KEY'."
                    : "Send an API key as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'; keys stand under Http:Keys.",
                statusCode: StatusCodes.Status401Unauthorized);
        }

        if (caller.Role < needed)
        {
            return TypedResults.Problem(
                $"This takes the role {Name(needed)}; the key of {caller.Name} has {Name(caller.Role)}.",
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
