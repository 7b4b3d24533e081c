using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Mqtt.Topics;
using FleetMonitor.Service.Alerts;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Sources;

namespace FleetMonitor.Service.Identity;

/// <summary>
/// Lets clients into the listener, and holds each to its own topics. A client is who its certificate says (the common name), or else the user
/// whose password it brings. What one may not publish is refused: 5.0 is told so (0x87), and so in its turn; 3.1.1 can only acknowledge or close
/// (3.1.1, section 3.3.5), and since an acknowledgement would promise what is not kept, it is closed; with QoS 0 the message is dropped.
/// </summary>
internal sealed partial class ListenerAccess(ListenerSettings settings, AccessControl access, TimeProvider time, ILogger log)
{
    private static readonly TopicFilter ServicesOwn = TopicFilter.TryParse(MqttAlerts.Topics)!;

    private readonly PasswordChecks _passwords = new();
    private readonly AddressLimiter _failures = new(settings.FailedLoginsPerMinute, time);
    private ClientRights? _ofNobody;

    /// <summary>Nobody has to say who it is.</summary>
    public static bool IsOpen(ListenerSettings settings, AccessList access) => access.Users.Count == 0 && settings.ClientCaFile is null;

    /// <summary>Passwords hashed since the start: the others were remembered.</summary>
    public long PasswordsHashed => _passwords.Hashed;

    public async ValueTask<MqttReasonCode> AuthenticateAsync(
        MqttListenerConnection client, MqttConnect connect, CancellationToken cancellation)
    {
        AccessList list = access.Current;
        IPAddress? address = (client.Peer.Remote as IPEndPoint)?.Address;
        if (client.Peer.Certificate is { } certificate)
        {
            return ByCertificate(client, connect, certificate, list);
        }

        if (IsOpen(settings, list) || (connect.UserName is null && settings.AllowAnonymous))
        {
            ListenerClient.Of(client)!.Rights = OfNobody(list);
            return MqttReasonCode.Success;
        }

        if (connect.UserName is null)
        {
            return Refused(client, connect, address, MqttReasonCode.NotAuthorized);
        }

        ListenerUser? user = list.Users.GetValueOrDefault(connect.UserName);
        PasswordHash hash = user is { Disabled: false, Password: { } kept } ? kept : PasswordHash.Nobody;
        ReadOnlyMemory<byte> password = connect.Password ?? ReadOnlyMemory<byte>.Empty;
        if (!_passwords.IsRemembered(hash, password.Span) && _failures.Wait(address) > TimeSpan.Zero)
        {
            return MqttReasonCode.ConnectionRateExceeded;
        }

        switch (await _passwords.CheckAsync(hash, password, cancellation))
        {
            case PasswordAnswer.Right:
                return LetIn(client, list, user!, hash);
            case PasswordAnswer.Wrong:
                return Refused(client, connect, address, MqttReasonCode.BadUserNameOrPassword);
            default:
                return MqttReasonCode.ServerBusy;
        }
    }

    /// <summary>
    /// What the service itself publishes, nobody else does, whatever is granted: who subscribes to alerts takes them for the service's word.
    /// </summary>
    public MqttReasonCode AuthorizePublish(MqttListenerConnection client, ReadOnlySpan<byte> topic) =>
        Rights(client) is not { } rights || !rights.MayPublish(topic) ? MqttReasonCode.NotAuthorized
        : ServicesOwn.Matches(topic) ? MqttReasonCode.TopicNameInvalid
        : MqttReasonCode.Success;

    public MqttReasonCode AuthorizeSubscribe(MqttListenerConnection client, ReadOnlySpan<byte> filter) =>
        Rights(client) is { } rights && rights.MaySubscribe(filter) ? MqttReasonCode.Success : MqttReasonCode.NotAuthorized;

    /// <summary>Whether a client that was let in still is, by the access list that holds now.</summary>
    public bool IsStillWelcome(MqttListenerConnection client) => ListenerClient.Of(client)?.Rights is null || Rights(client) is not null;

    /// <returns>Null where the access list changed and the client would not be let in any more.</returns>
    private ClientRights? Rights(MqttListenerConnection client)
    {
        ListenerClient kept = ListenerClient.Of(client)!;
        ClientRights rights = kept.Rights!;
        AccessList list = access.Current;
        if (ReferenceEquals(rights.Access, list))
        {
            return rights;
        }

        ClientRights? anew = rights.User switch
        {
            null => IsOpen(settings, list) || settings.AllowAnonymous ? OfNobody(list) : null,
            { } name when rights.Password is null => list.ByCertificate(name) is { Disabled: false } user && !list.Revoked.Holds(client.Peer.Certificate!)
                ? ClientRights.Of(list, user, null, client.ClientId)
                : null,
            { } name => list.Users.GetValueOrDefault(name) is { Disabled: false, Password: { } password } user && password.Text == rights.Password.Text
                ? ClientRights.Of(list, user, password, client.ClientId)
                : null,
        };
        if (anew is not null)
        {
            kept.Rights = anew;
        }

        return anew;
    }

    /// <summary>The same of all who are nobody: what each message asks for should be at hand.</summary>
    private ClientRights OfNobody(AccessList list)
    {
        ClientRights? known = _ofNobody;
        return known is not null && ReferenceEquals(known.Access, list) ? known : _ofNobody = ClientRights.OfNobody(list);
    }

    private static MqttReasonCode ByCertificate(
        MqttListenerConnection client, MqttConnect connect, X509Certificate2 certificate, AccessList list)
    {
        string name = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        if (name.Length == 0 || (connect.UserName is { } said && said != name))
        {
            return MqttReasonCode.BadUserNameOrPassword;
        }

        ListenerUser user = list.ByCertificate(name);
        if (user.Disabled || list.Revoked.Holds(certificate))
        {
            return MqttReasonCode.Banned;
        }

        return LetIn(client, list, user, null);
    }

    private static MqttReasonCode LetIn(MqttListenerConnection client, AccessList list, ListenerUser user, PasswordHash? password)
    {
        client.Owner = user.Name;
        ListenerClient.Of(client)!.Rights = ClientRights.Of(list, user, password, client.ClientId);
        return MqttReasonCode.Success;
    }

    private MqttReasonCode Refused(MqttListenerConnection client, MqttConnect connect, IPAddress? address, MqttReasonCode reason)
    {
        if (_failures.TryTake(address))
        {
            // So many a minute of one address: a log is no place to fill a disk from outside.
            LogRefused(Printable(connect.UserName ?? "nobody"), Printable(client.ClientId), address, reason);
        }

        return reason;
    }

    /// <summary>Short, on one line, and showing what is there: no control characters, no other line breaks, nothing that turns the text round.</summary>
    private static string Printable(string name) => new([.. name.Take(80).Select(c => IsShown(c) ? c : '?')]);

    private static bool IsShown(char c) => char.GetUnicodeCategory(c)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    [LoggerMessage(LogLevel.Warning, "The listener did not let in {User} (client id {ClientId}) from {Address}: {Reason}")]
    private partial void LogRefused(string user, string clientId, IPAddress? address, MqttReasonCode reason);
}
