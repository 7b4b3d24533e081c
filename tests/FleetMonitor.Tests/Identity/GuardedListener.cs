using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Identity;
using FleetMonitor.Service.Sources;
using FleetMonitor.Telemetry.Sources;
using FleetMonitor.Tests.Mqtt;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace FleetMonitor.Tests.Identity;

/// <summary>The service's listener in front of nothing, with an access file that the test writes; clients are pipes. Every batch is acknowledged at once.</summary>
internal sealed class GuardedListener : IMessageReceiver, IAsyncDisposable
{
    private readonly string _file = Path.GetTempFileName();
    private readonly Channel<string> _topics = Channel.CreateUnbounded<string>();

    public GuardedListener(string access, params (string Key, string Value)[] options)
    {
        File.WriteAllText(_file, access);
        var configuration = options.ToDictionary(option => option.Key, option => (string?)option.Value);
        configuration["Access:File"] = _file;
        SettingsResult read = SettingsFile.Read(new ConfigurationBuilder().AddInMemoryCollection(configuration).Build());
        Assert.Empty(read.Problems);
        (AccessControl? control, IReadOnlyList<string> problems) = AccessControl.Load(read.Settings);
        Assert.Empty(problems);
        Control = control!;
        Source = new ListenerSource(read.Settings.Listener, Control, this, Time, Log);
    }

    public ManualTime Time { get; } = new();

    public KeptLog Log { get; } = new();

    public AccessControl Control { get; }

    public ListenerSource Source { get; }

    /// <summary>A kept password, quickly made.</summary>
    public static string Hash(string password) => PasswordHash.Of(Encoding.UTF8.GetBytes(password), 1).Text;

    /// <summary>One of that name; each has a serial number of its own.</summary>
    public static X509Certificate2 Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(1));
    }

    /// <summary>Connects; the client is of no use where the code is a failure.</summary>
    public async Task<(PipePair Client, MqttReasonCode Reason)> ConnectAsync(
        string? user, string? password, string clientId = "client", MqttVersion version = MqttVersion.V5, string address = "10.0.0.1",
        string? certificate = null, MqttWill? will = null, X509Certificate2? shown = null)
    {
        var client = new PipePair(version);
        var connection = new DefaultConnectionContext { Transport = client.Subject, RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 40_000) };
        if ((shown ?? (certificate is null ? null : Certificate(certificate))) is { } clients)
        {
            connection.Features.Set<ITlsConnectionFeature>(new TlsConnectionFeature { ClientCertificate = clients });
        }

        _ = Source.ServeAsync(connection);
        await client.SendAsync(Wire.Write(writer => MqttEncoder.WriteConnect(writer, new MqttConnect
        {
            Version = version,
            ClientId = clientId,
            CleanStart = true,
            UserName = user,
            Password = password is null ? null : new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(password)),
            Will = will,
        })));
        var answer = Assert.IsType<MqttConnAck>((await client.ReceiveAsync()).Body);
        return (client, answer.Reason);
    }

    public static Task PublishAsync(PipePair client, string topic, MqttQos qos = MqttQos.AtLeastOnce, ushort id = 1) => client.SendAsync(Wire.Write(
        writer => MqttEncoder.WritePublish(writer, client.Version, Encoding.UTF8.GetBytes(topic), "{}"u8, qos, qos == 0 ? (ushort)0 : id, false)));

    /// <summary>The next topic that came through.</summary>
    public Task<string> NextAsync() => _topics.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

    public bool NothingCame => !_topics.Reader.TryPeek(out _);

    public IReadOnlyList<string> Rewrite(string access)
    {
        File.WriteAllText(_file, access);
        return Control.ReadAgain();
    }

    public long Refused(MqttRefusal refusal, MqttReasonCode reason) =>
        Source.Counters.Refusals.Where(count => count.Refusal == refusal && count.Reason == reason).Sum(count => count.Count);

    public ValueTask ReceiveAsync(RawBatch batch, CancellationToken cancellation)
    {
        foreach (RawPart part in batch.Parts)
        {
            foreach (RawMessage message in part.Messages.Span)
            {
                _topics.Writer.TryWrite(Encoding.UTF8.GetString(message.Topic.Span));
            }

            part.Acknowledger!.Acknowledge([.. part.Messages.ToArray().Select(message => message.PacketId).Where(id => id != 0)]);
        }

        batch.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> SessionLostAsync(string source, Instant from, Instant to, string detail, bool isNewSession) => ValueTask.FromResult(true);

    public ValueTask DisposeAsync()
    {
        File.Delete(_file);
        return Source.DisposeAsync();
    }
}
