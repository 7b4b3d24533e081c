using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Mqtt.Protocol;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

public abstract class ListenerSessionTests : ListenerSuite
{
    internal ListenerSessionTests(ListenerTransport transport)
        : base(transport)
    {
    }

    private static readonly MqttWill Will = new("w"u8.ToArray(), "off"u8.ToArray(), MqttQos.AtLeastOnce, false);

    [Fact]
    public async Task Connect_In5_IsToldEveryLimit()
    {
        var fixture = new ListenerFixture(Transport, new MqttListenerOptions { ReceiveMaximum = 7, MaximumPacketSize = 1000 });
        var (client, _) = fixture.Open();
        await client.SendAsync(ListenerFixture.Connect(""));

        var connAck = Assert.IsType<MqttConnAck>((await client.ReceiveAsync()).Body);

        Assert.Equal(
            (0u, 7u, null as uint?, null as uint?, 1000u, 16u, 0u, 0u),
            (connAck.Properties.Number(MqttPropertyId.SessionExpiryInterval),
             connAck.Properties.Number(MqttPropertyId.ReceiveMaximum),
             connAck.Properties.Number(MqttPropertyId.MaximumQos),
             connAck.Properties.Number(MqttPropertyId.RetainAvailable),
             connAck.Properties.Number(MqttPropertyId.MaximumPacketSize),
             connAck.Properties.Number(MqttPropertyId.TopicAliasMaximum),
             connAck.Properties.Number(MqttPropertyId.SubscriptionIdentifierAvailable),
             connAck.Properties.Number(MqttPropertyId.SharedSubscriptionAvailable)));
        var assigned = connAck.Properties.Text(MqttPropertyId.AssignedClientIdentifier);
        Assert.StartsWith("auto-", assigned, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MqttVersion.V5)]
    [InlineData(MqttVersion.V311)]
    public async Task Connect_OfAStranger_IsRefusedWithTheHostsReason(MqttVersion version)
    {
        var fixture = new ListenerFixture(Transport);
        var (client, served) = fixture.Open(version);
        await client.SendAsync(ListenerFixture.Connect("rig", version, user: "stranger"));

        var connAck = Assert.IsType<MqttConnAck>((await client.ReceiveAsync()).Body);

        Assert.Equal(MqttReasonCode.BadUserNameOrPassword, connAck.Reason);
        await client.ExpectEndAsync();
        await served;
        Assert.Equal(1, fixture.Refused(MqttRefusal.Connect, MqttReasonCode.BadUserNameOrPassword));
    }

    [Fact]
    public async Task Connect_OfAnotherVersion_IsAnsweredAsEveryVersionUnderstands()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = fixture.Open(MqttVersion.V311);

        await client.SendAsync("10 0D 0004 4D515454 06 02 0000 00 0000");

        var connAck = Assert.IsType<MqttConnAck>((await client.ReceiveAsync()).Body);
        Assert.Equal(MqttReasonCode.UnsupportedProtocolVersion, connAck.Reason);
        await client.ExpectEndAsync();
    }

    [Fact]
    public async Task Connect_Of311WithoutIdAndWithSession_IsRefused()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = fixture.Open(MqttVersion.V311);

        await client.SendAsync("10 0C 0004 4D515454 04 00 0000 0000");

        var connAck = Assert.IsType<MqttConnAck>((await client.ReceiveAsync()).Body);
        Assert.Equal(MqttReasonCode.ClientIdentifierNotValid, connAck.Reason);
    }

    /// <summary>Longer ones would stand in every log line and with every refused message.</summary>
    [Theory]
    [InlineData(256, MqttReasonCode.Success)]
    [InlineData(257, MqttReasonCode.ClientIdentifierNotValid)]
    [InlineData(2_000, MqttReasonCode.ClientIdentifierNotValid)]
    public async Task Connect_WithALongId_IsRefusedBeyondTheLimit(int length, MqttReasonCode expected)
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = fixture.Open();

        await client.SendAsync(ListenerFixture.Connect(new string('x', length)));

        Assert.Equal(expected, Assert.IsType<MqttConnAck>((await client.ReceiveAsync()).Body).Reason);
    }

    [Fact]
    public async Task Connect_WithAnIdOf64Kilobytes_IsMoreThanAStrangerMaySend()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = fixture.Open();

        await client.SendAsync(ListenerFixture.Connect(new string('x', 65_535)));

        await client.ExpectEndAsync();
        Assert.Empty(fixture.Batches);
    }

    /// <summary>MQTT 5.0, section 1.5.4: a string holds no null character.</summary>
    [Fact]
    public async Task Connect_WithANullCharacterInItsId_EndsTheConnection()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = fixture.Open(MqttVersion.V311);

        await client.SendAsync("10 0F 0004 4D515454 04 02 0000 0003 610062");

        await client.ExpectEndAsync();
        Assert.Empty(fixture.Batches);
    }

    [Fact]
    public async Task Connect_WithAnAuthenticationMethod_IsRefused()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = fixture.Open();
        await client.SendAsync(ListenerFixture.Connect("rig", properties:
            new MqttPropertyWriter().Add(MqttPropertyId.AuthenticationMethod, "m").Build()));

        var connAck = Assert.IsType<MqttConnAck>((await client.ReceiveAsync()).Body);

        Assert.Equal(MqttReasonCode.BadAuthenticationMethod, connAck.Reason);
    }

    [Theory]
    [InlineData("a packet before CONNECT", "C0 00", MqttReasonCode.ProtocolError)]
    [InlineData("a web browser", "474554202F20485454502F312E310D0A", MqttReasonCode.MalformedPacket)]
    [InlineData("a TLS client", "16030100C8010000C40303", MqttReasonCode.MalformedPacket)]
    [InlineData("a CONNECT of 40,000 bytes", "10 C0B802", MqttReasonCode.PacketTooLarge)]
    public async Task FirstBytes_ThatAreNoConnect_CloseAtOnce(string what, string hex, MqttReasonCode reason)
    {
        var fixture = new ListenerFixture(Transport);
        var (client, served) = fixture.Open();

        await client.SendAsync(hex);

        await client.ExpectEndAsync();
        await served;
        Assert.Equal((what, 1L), (what, fixture.Refused(MqttRefusal.Protocol, reason)));
    }

    [Fact]
    public async Task SlowLoris_DripFeedingConnect_IsClosedInTime()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, served) = fixture.Open();
        var connect = ListenerFixture.Connect("rig");
        for (var i = 0; i < 9; i++)
        {
            await client.SendAsync([connect[i]]);
            fixture.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.False(served.IsCompleted);
        }

        fixture.Time.Advance(TimeSpan.FromSeconds(1));

        await client.ExpectEndAsync();
        await served;
        Assert.Equal(1, fixture.Listener.Snapshot().Refused(MqttRefusal.ConnectTimeout));
    }

    [Fact]
    public async Task KeepAlive_AfterOneAndAHalf_EndsTheSilentClientAndPublishesItsWill()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, served) = await fixture.ConnectAsync("rig", will: Will, keepAlive: 10);
        fixture.Time.Advance(TimeSpan.FromSeconds(14));
        await client.SendAsync("C0 00");
        Assert.Equal(MqttPacketType.PingResp, (await client.ReceiveAsync()).Type);
        fixture.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.False(served.IsCompleted);

        fixture.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(MqttReasonCode.KeepAliveTimeout, (await client.ReceiveAsync()).Reason);
        Assert.Equal(["w off"], await fixture.NextMessagesAsync());
        await served;
        Assert.Equal(1, fixture.Listener.Snapshot().Refused(MqttRefusal.KeepAlive));
    }

    [Fact]
    public async Task Will_AfterAnAbruptEnd_IsPublished()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, served) = await fixture.ConnectAsync("rig", MqttVersion.V311, Will);

        await client.CutAsync();

        Assert.Equal(["w off"], await fixture.NextMessagesAsync());
        await served;
        Assert.Empty(fixture.Batches);
    }

    [Theory]
    [InlineData(MqttVersion.V311, "E0 00", 0)]
    [InlineData(MqttVersion.V5, "E0 00", 0)]
    [InlineData(MqttVersion.V5, "E0 01 04", 1)]
    public async Task Will_AfterAGoodbye_IsPublishedOnlyWhereTheClientAsks(
        MqttVersion version, string goodbye, int published)
    {
        var fixture = new ListenerFixture(Transport);
        var (client, served) = await fixture.ConnectAsync("rig", version, Will);

        await client.SendAsync(goodbye);

        await served;
        Assert.Equal(published, fixture.Batches.Count);
    }

    [Fact]
    public async Task Will_ToATopicNotAllowed_RefusesTheConnect()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = fixture.Open();
        await client.SendAsync(ListenerFixture.Connect("rig", will: Will with { Topic = "secret"u8.ToArray() }));

        var connAck = Assert.IsType<MqttConnAck>((await client.ReceiveAsync()).Body);

        Assert.Equal(MqttReasonCode.NotAuthorized, connAck.Reason);
    }

    [Fact]
    public async Task Takeover_ByTheSameClientId_EndsTheFormerWithItsWillFirst()
    {
        var fixture = new ListenerFixture(Transport);
        var (former, formerServed) = await fixture.ConnectAsync("rig", will: Will);

        var (client, _) = await fixture.ConnectAsync("rig");
        await client.SendAsync("30 05 0001 61 00 78");

        Assert.Equal(MqttReasonCode.SessionTakenOver, (await former.ReceiveAsync()).Reason);
        await former.ExpectEndAsync();
        await formerServed;
        Assert.Equal(["w off"], await fixture.NextMessagesAsync());
        Assert.Equal(["a x"], await fixture.NextMessagesAsync());
        Assert.Equal(1, fixture.Listener.Snapshot().Refused(MqttRefusal.TakenOver));
    }

    [Fact]
    public async Task Connections_AboveTheLimit_AreClosedAndThePlaceIsFreedAgain()
    {
        var fixture = new ListenerFixture(Transport, new MqttListenerOptions { MaximumConnections = 1 });
        var (first, firstServed) = await fixture.ConnectAsync("a");
        var (second, secondServed) = fixture.Open();
        await second.ExpectEndAsync();
        await secondServed;
        Assert.Equal(1, fixture.Refused(MqttRefusal.ConnectionLimit, MqttReasonCode.QuotaExceeded));
        await first.CutAsync();
        await firstServed;

        await fixture.ConnectAsync("b");

        Assert.Equal((1, 2L), (fixture.Listener.Snapshot().Connections, fixture.Listener.Snapshot().Accepted));
    }

    [Fact]
    public async Task Dispose_WithClientsConnected_SaysGoodbyeToEach()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, served) = await fixture.ConnectAsync("rig");

        await fixture.Listener.DisposeAsync();

        Assert.Equal(MqttReasonCode.ServerShuttingDown, (await client.ReceiveAsync()).Reason);
        await served;
    }

    [Fact]
    public async Task Client_ThatTakesNoAnswers_IsNotReadFromAndThenCutOff()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, served) = await fixture.ConnectAsync("rig");

        // Far more answers than transport and backlog hold together, and no keep-alive that would end it.
        var pings = client.SendAsync([.. Enumerable.Repeat(Wire.Hex("C0 00"), 2_000_000).SelectMany(b => b)]);
        for (var i = 0; i < 4_000 && !served.IsCompleted; i++)
        {
            fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        await served.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(1, fixture.Refused(MqttRefusal.Stalled, MqttReasonCode.QuotaExceeded));
        await pings;
    }
}
