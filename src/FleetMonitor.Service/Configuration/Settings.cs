using System.Net;
using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Mqtt;

namespace FleetMonitor.Service.Configuration;

/// <summary>Everything that can be set, checked. <c>config/fleetmonitor.json</c> says what each option is for.</summary>
public sealed record Settings
{
    public required AccessSettings Access { get; init; }

    public required HttpSettings Http { get; init; }

    public required ListenerSettings Listener { get; init; }

    public required SubscriberSettings Subscriber { get; init; }

    public required LedgerSettings Ledger { get; init; }

    public required FleetSettings Fleet { get; init; }

    public required LevySettings Levy { get; init; }

    public required MeteringOptions Metering { get; init; }

    /// <summary>How far ahead a device's clock may be (S10).</summary>
    public required TimeSpan MaxFuture { get; init; }

    public required AnomalyOptions Anomalies { get; init; }

    public required AlertSettings Alerts { get; init; }

    public required InfluxSettings Influx { get; init; }

    public required LogSettings Log { get; init; }
}

/// <param name="File">Users of the listener and keys of the API; null for none but those of the settings.</param>
public sealed record AccessSettings(string? File);

/// <summary>PEM files of a certificate (with those between it and its authority behind it) and of its key.</summary>
public sealed record CertificateSettings(string CertificateFile, string KeyFile);

/// <param name="Url">Where page and API are served; <c>https</c> takes a certificate.</param>
/// <param name="Proxies">Reverse proxies that are believed about who calls.</param>
/// <param name="RoleHeader">In which they say the caller's role; null where they do not.</param>
/// <param name="UserHeader">In which they say the caller's name.</param>
/// <param name="RequestsPerMinute">Of one remote address; 0 for no limit.</param>
/// <param name="FailedKeysPerMinute">Likewise.</param>
public sealed record HttpSettings(
    Uri Url,
    IReadOnlyList<ApiKeySettings> Keys,
    CertificateSettings? Certificate,
    IReadOnlyList<IPNetwork> Proxies,
    string? RoleHeader,
    string? UserHeader,
    int RequestsPerMinute,
    int FailedKeysPerMinute);

/// <param name="Sha256">Of the key, lower-case hex: the key itself is never kept.</param>
public sealed record ApiKeySettings(string Name, string Role, string Sha256)
{
    public const string HashFix = "write the key's SHA-256 in hex: printf %s KEY | sha256sum, or 'fleetmonitor hash key'";

    public static bool IsHash(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);
}

/// <param name="Certificate">Null for plain TCP.</param>
/// <param name="ClientCaFile">Who signs client certificates; null where none are asked for.</param>
/// <param name="AllowAnonymous">Clients without a user name may publish and subscribe everywhere.</param>
/// <param name="FailedLoginsPerMinute">Of one remote address; 0 for no limit.</param>
public sealed record ListenerSettings(
    bool Enabled,
    IPAddress Address,
    int Port,
    int MaxConnections,
    int MaxPacketBytes,
    CertificateSettings? Certificate,
    string? ClientCaFile,
    bool AllowAnonymous,
    int FailedLoginsPerMinute);

/// <param name="Client">Which MQTT client: one that <see cref="Hosting.Clients"/> has.</param>
/// <param name="ReadEvery">How long messages gather between reads while they keep coming.</param>
public sealed record SubscriberSettings(
    string Client,
    IReadOnlyList<BrokerAddress> Brokers,
    string? ClientId,
    string? UserName,
    string? Password,
    string ProtocolVersion,
    TimeSpan KeepAlive,
    TimeSpan SessionExpiry,
    int ReceiveMaximum,
    TimeSpan ReadEvery,
    MqttQos Qos,
    string? CaFile,
    CertificateSettings? Certificate,
    IReadOnlyList<string> Topics);

/// <param name="MaxEvidence">What kept readings may take on the disk, in bytes.</param>
/// <param name="KeepHoursYears">How long the hours stay of readings that were let go.</param>
public sealed record LedgerSettings(
    string Directory, int Shards, int MessagesPerBatch, TimeSpan CommitEvery, TimeSpan CheckpointAfter, int BlockReadings, TimeSpan KeepReadings,
    long MaxEvidence, int KeepHoursYears, int MaxQuarantine, long MaxQuarantineBytes);

public sealed record FleetSettings(
    string? File, string DefaultSite, TimeZoneInfo DefaultTimeZone, int MaxUnregistered, string? Profiles);

/// <param name="Schedule">File of rates; null for the embedded one of Kazakhstan.</param>
/// <param name="Accounts">What charges are booked on, where nothing is said for one of them.</param>
/// <param name="AccountsByCharge">By charge code.</param>
public sealed record LevySettings(string? Schedule, ChargeAccounts Accounts, IReadOnlyDictionary<string, ChargeAccounts> AccountsByCharge)
{
    /// <summary>The accounts of a charge, whether the schedule has it still or not: what was filed under it stays in the books.</summary>
    public ChargeAccounts AccountsOf(string charge) => AccountsByCharge.GetValueOrDefault(charge, Accounts);
}

/// <param name="Grouping">How alerts are held back and grouped.</param>
/// <param name="Alertmanager">Null: none is told.</param>
/// <param name="Webhook">Null: there is none.</param>
public sealed record AlertSettings(AlertOptions Grouping, AlertmanagerSettings? Alertmanager, WebhookSettings? Webhook);

public sealed record AlertmanagerSettings(Uri Url, TimeSpan ResendEvery);

/// <param name="Secret">What bodies are signed with.</param>
public sealed record WebhookSettings(Uri Url, string Secret);

public enum InfluxApi
{
    V2,
    V1,
}

/// <param name="Url">Null: points are not made; <c>influx refill</c> can make them later.</param>
/// <param name="Bucket">For v1, the database.</param>
/// <param name="Client">Which client: one that <see cref="Hosting.Clients"/> has.</param>
/// <param name="MaxOutboxBytes">Past this the oldest windows leave the outbox, counted.</param>
public sealed record InfluxSettings(
    Uri? Url,
    string Client,
    InfluxApi Api,
    string Org,
    string Bucket,
    string? Token,
    string? UserName,
    string? Password,
    long MaxOutboxBytes,
    TimeSpan Timeout);

public enum LogFormat
{
    Auto,
    Text,
    Json,
}

public sealed record LogSettings(string Level, LogFormat Format);
