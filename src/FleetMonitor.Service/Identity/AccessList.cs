using System.Collections.Frozen;
using FleetMonitor.Service.Configuration;

namespace FleetMonitor.Service.Identity;

/// <summary>One that may connect to the listener.</summary>
/// <param name="Password">Null: only with a client certificate of that name.</param>
/// <param name="Disabled">Not let in, whatever it shows.</param>
public sealed record ListenerUser(
    string Name, PasswordHash? Password, bool Disabled, IReadOnlyList<TopicPattern> Publish, IReadOnlyList<TopicPattern> Subscribe);

/// <summary>Who may come in: the users of the listener and the keys of the API. Never changes; a file that changes gives a new one.</summary>
/// <param name="Publish">Topics of users that have none of their own.</param>
/// <param name="Subscribe">Likewise.</param>
public sealed record AccessList(
    FrozenDictionary<string, ListenerUser> Users,
    IReadOnlyList<TopicPattern> Publish,
    IReadOnlyList<TopicPattern> Subscribe,
    IReadOnlyList<ApiKeySettings> Keys,
    RevokedCertificates Revoked)
{
    /// <summary>A rig is called as in the fleet file and publishes below its name.</summary>
    public const string DefaultPublish = "fleet/+/%u/#";

    public static AccessList Empty { get; } =
        new(FrozenDictionary<string, ListenerUser>.Empty, [TopicPattern.TryParse(DefaultPublish)!], [], [], RevokedCertificates.None);

    /// <summary>The user of a client certificate: whom the site's authority has signed needs no line of its own.</summary>
    public ListenerUser ByCertificate(string name) => Users.GetValueOrDefault(name) ?? new ListenerUser(name, null, false, Publish, Subscribe);
}
