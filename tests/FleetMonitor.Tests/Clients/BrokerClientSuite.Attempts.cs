using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Identity;
using FleetMonitor.Telemetry.Sources;
using Xunit;

namespace FleetMonitor.Tests.Clients;

/// <summary>Attempts that fail: why, and whether another may succeed.</summary>
public abstract partial class BrokerClientSuite
{
    [Theory]
    [InlineData(MqttReasonCode.BadUserNameOrPassword, false)]
    [InlineData(MqttReasonCode.NotAuthorized, false)]
    [InlineData(MqttReasonCode.Banned, false)]
    [InlineData(MqttReasonCode.ServerUnavailable, true)]
    [InlineData(MqttReasonCode.ServerBusy, true)]
    [InlineData(MqttReasonCode.QuotaExceeded, true)]
    [InlineData(MqttReasonCode.ConnectionRateExceeded, true)]
    public async Task Refusal_SaysWhy_AndWhetherTryingAgainMayHelp(MqttReasonCode reason, bool mayRetry)
    {
        Task<BrokerAttempt> connecting = ConnectAsync();
        using ScriptedBroker.Peer peer = await Broker.AcceptAsync();
        await peer.ReceiveAsync();
        await peer.SendAsync(peer.ConnAck(reason: reason));

        BrokerAttempt attempt = await connecting;
        Assert.Null(attempt.Connection);
        Assert.Equal(mayRetry, attempt.MayRetry);
        Assert.Contains(reason.ToString(), attempt.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broker_ThatIsAway_MayBeTriedAgain()
    {
        Broker.Dispose();

        BrokerAttempt attempt = await ConnectAsync();
        Assert.Equal((null, true), (attempt.Connection, attempt.MayRetry));
        Assert.NotNull(attempt.Failure);
    }

    [Fact]
    public async Task Broker_ThatClosesInsteadOfAnswering_MayBeTriedAgain()
    {
        Task<BrokerAttempt> connecting = ConnectAsync();
        using (ScriptedBroker.Peer peer = await Broker.AcceptAsync())
        {
            await peer.ReceiveAsync();
        }

        BrokerAttempt attempt = await connecting;
        Assert.Equal((null, true), (attempt.Connection, attempt.MayRetry));
    }

    [Fact]
    public async Task Broker_ThatDoesNotAnswer_IsGivenUpInTime()
    {
        Task<BrokerAttempt> connecting = ConnectAsync(login => login with { ConnectTimeout = TimeSpan.FromMilliseconds(200) });
        using ScriptedBroker.Peer peer = await Broker.AcceptAsync();

        BrokerAttempt attempt = await connecting.WaitAsync(ScriptedBroker.Patience);
        Assert.Equal((null, true), (attempt.Connection, attempt.MayRetry));
        Assert.Contains("did not answer CONNECT", attempt.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_ThatIsCancelled_Throws()
    {
        using var cancel = new CancellationTokenSource();
        Task<BrokerAttempt> connecting = ConnectAsync(cancellation: cancel.Token);
        using ScriptedBroker.Peer peer = await Broker.AcceptAsync();
        await peer.ReceiveAsync();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    [Fact]
    public async Task Tls_TrustsTheGivenRoots_AndNobodyElse()
    {
        using var authority = new TestAuthority();
        Use(new ScriptedBroker(certificate: authority.Server));
        Task<BrokerAttempt> connecting = ConnectAsync(login => login with { Tls = () => Certificates.ForClient("localhost", null, [authority.Root]), Host = "localhost" });
        using ScriptedBroker.Peer peer = await Broker.WelcomeAsync();
        await using var link = new Link((await connecting).Connection!, peer);
        await peer.SendAsync(peer.Publish(1, "a"));
        Assert.Equal("a", (await _receiver.NextAsync()).Payload);

        Task<BrokerAttempt> untrusting = ConnectAsync(login => login with { Tls = () => Certificates.ForClient("localhost", null, null), Host = "localhost" });
        await Record.ExceptionAsync(Broker.AcceptAsync);
        BrokerAttempt attempt = await untrusting;
        Assert.Equal((null, false), (attempt.Connection, attempt.MayRetry));
        Assert.Contains("certificate", attempt.Failure, StringComparison.OrdinalIgnoreCase);
    }
}
