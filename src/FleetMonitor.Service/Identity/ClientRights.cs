using FleetMonitor.Mqtt.Topics;

namespace FleetMonitor.Service.Identity;

/// <summary>
/// What one connection may publish and subscribe to, its names filled in once at login: to ask costs a few comparisons and allocates nothing.
/// </summary>
/// <param name="access">The access list that they were taken from; where another one holds, they have to be taken anew.</param>
/// <param name="password">The kept password that let the client in; null for a certificate or nobody.</param>
internal sealed class ClientRights(
    AccessList access, string? user, PasswordHash? password, TopicFilter[] publish, TopicFilter[] subscribe)
{
    private static readonly TopicFilter[] AllTopics = [TopicFilter.TryParse("#")!];

    public AccessList Access => access;

    public string? User => user;

    public PasswordHash? Password => password;

    public static ClientRights OfNobody(AccessList access) => new(access, null, null, AllTopics, AllTopics);

    public static ClientRights Of(AccessList access, ListenerUser user, PasswordHash? password, string clientId) => new(
        access,
        user.Name,
        password,
        Filled(user.Publish, user.Name, clientId),
        Filled(user.Subscribe, user.Name, clientId));

    /// <summary>No filter that begins with a wildcard lets anybody into topics that begin with <c>$</c>.</summary>
    public bool MayPublish(ReadOnlySpan<byte> topic)
    {
        foreach (TopicFilter filter in publish)
        {
            if (filter.Matches(topic))
            {
                return true;
            }
        }

        return false;
    }

    public bool MaySubscribe(ReadOnlySpan<byte> filter)
    {
        foreach (TopicFilter granted in subscribe)
        {
            if (granted.Covers(filter))
            {
                return true;
            }
        }

        return false;
    }

    private static TopicFilter[] Filled(IReadOnlyList<TopicPattern> patterns, string user, string clientId) =>
        [.. patterns.Select(pattern => pattern.For(user, clientId)).OfType<TopicFilter>()];
}
