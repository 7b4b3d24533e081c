using System.IO.Pipelines;
using FleetMonitor.Mqtt.Client;
using FleetMonitor.Mqtt.Protocol;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

public sealed class ClientConnectionTests
{
    private const string Accepted5 = "20 03 00 00 00";
    private const string Accepted311 = "20 02 00 00";

    [Fact]
    public async Task Connect_AcceptedIn5_GivesWhatTheServerGranted()
    {
        var fixture = new ClientFixture();

        // Receive Maximum 20, Maximum QoS 1, Retain Available 0, Server Keep Alive 15, assigned id "x".
        var result = await fixture.ConnectAsync("20 11 00 00 0E 21 0014 24 01 25 00 13 000F 12 0001 78");

        Assert.Equal(MqttConnectOutcome.Accepted, result.Outcome);
        var server = result.Server!;
        Assert.Equal((false, "x", 20, MqttQos.AtLeastOnce, false, TimeSpan.FromSeconds(15)), (
            server.SessionPresent, server.ClientId, server.ReceiveMaximum, server.MaximumQos,
            server.RetainAvailable, server.KeepAlive));
    }

    [Theory]
    [InlineData(MqttVersion.V5, "20 03 00 87 00")]
    [InlineData(MqttVersion.V311, "20 02 00 05")]
    public async Task Connect_Refused_NamesTheReason(MqttVersion version, string connAck)
    {
        var fixture = new ClientFixture(version);

        var result = await fixture.ConnectAsync(connAck);

        Assert.Equal((MqttConnectOutcome.Refused, MqttReasonCode.NotAuthorized), (result.Outcome, result.Reason));
        Assert.Equal(MqttCloseCause.Refused, (await fixture.Client.Completion).Cause);
        await fixture.Server.ExpectEndAsync();
    }

    [Fact]
    public async Task Connect_WithoutAnswer_TimesOut()
    {
        var fixture = new ClientFixture();
        var connecting = fixture.Client.ConnectAsync(CancellationToken.None);
        await fixture.Server.ReceiveAsync();

        fixture.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(MqttConnectOutcome.TimedOut, (await connecting).Outcome);
    }

    [Fact]
    public async Task Connect_ToAServerThatCloses_SaysSo()
    {
        var fixture = new ClientFixture();
        var connecting = fixture.Client.ConnectAsync(CancellationToken.None);
        await fixture.Server.CutAsync();

        Assert.Equal(MqttConnectOutcome.Closed, (await connecting).Outcome);
        Assert.Equal(MqttCloseCause.TransportEnded, (await fixture.Client.Completion).Cause);
    }

    [Fact]
    public async Task Connect_ThatIsCancelled_EndsTheConnection()
    {
        var fixture = new ClientFixture();
        using var cancellation = new CancellationTokenSource();
        var connecting = fixture.Client.ConnectAsync(cancellation.Token);
        await fixture.Server.ReceiveAsync();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
        Assert.Equal(MqttCloseCause.Local, (await fixture.Client.Completion).Cause);
    }

    [Fact]
    public async Task Transport_ThatBreaks_IsNamedWithItsException()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted5);

        await fixture.Server.BreakAsync();

        var closed = await fixture.Client.Completion;
        Assert.Equal(MqttCloseCause.TransportFailed, closed.Cause);
        Assert.IsType<IOException>(closed.Exception);
    }

    /// <summary>A broker that stops resets the connection: the write that was under way fails, and so would every other one.</summary>
    [Fact]
    public async Task Transport_ThatFailsAWriteAndThenEnds_EndsTheConnection()
    {
        var server = new PipePair(MqttVersion.V5);
        var socket = new DyingStream();
        var client = new MqttClientConnection(
            new Duplex(server.Subject.Input, PipeWriter.Create(socket)),
            new MqttClientOptions { ClientId = "me" },
            static (_, _, _) => ValueTask.CompletedTask,
            TimeProvider.System);
        var connecting = client.ConnectAsync(CancellationToken.None);
        await server.SendAsync(Accepted5);
        await connecting;
        socket.IsDead = true;

        var publishing = client.PublishAsync("a"u8.ToArray(), "x"u8.ToArray(), MqttQos.AtLeastOnce);
        await socket.Refused.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await server.CutAsync();

        Assert.Equal(MqttPublishOutcome.ConnectionClosed, (await publishing.AsTask().WaitAsync(TimeSpan.FromSeconds(10))).Outcome);
        Assert.Equal(MqttCloseCause.TransportEnded, (await client.Completion.WaitAsync(TimeSpan.FromSeconds(10))).Cause);
    }

    [Fact]
    public async Task Close_WhileTheHandlerWaits_CancelsIt()
    {
        var fixture = new ClientFixture { Hold = new TaskCompletionSource().Task };
        await fixture.ConnectAsync(Accepted5);
        await fixture.Server.SendAsync("30 05 0001 61 00 78");
        await fixture.NextBatchAsync();

        var closing = fixture.Client.CloseAsync();
        await fixture.Server.CutAsync();

        await closing.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(MqttCloseCause.Local, (await fixture.Client.Completion).Cause);
    }

    [Fact]
    public async Task Close_TowardsAServerThatStillSends_HearsItOut()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted5);

        var closing = fixture.Client.CloseAsync();
        Assert.Equal(MqttPacketType.Disconnect, (await fixture.Server.ReceiveAsync()).Type);
        await fixture.Server.SendAsync("32 07 0001 61 0001 00 78");

        Assert.False(closing.IsCompleted);
        Assert.Empty(fixture.Batches);
        await fixture.Server.CutAsync();
        await closing.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Close_TowardsAServerThatTakesNothing_EndsAllTheSame()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted5);
        _ = fixture.Client.PublishAsync("a"u8.ToArray(), new byte[200_000], MqttQos.AtMostOnce).AsTask();

        var closing = fixture.Client.CloseAsync();
        for (var i = 0; i < 500 && !closing.IsCompleted; i++)
        {
            fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        await closing.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(MqttCloseCause.Local, (await fixture.Client.Completion).Cause);
    }

    [Fact]
    public async Task ResumedSession_DeliveringWithConnAck_ReachesTheHandler()
    {
        var fixture = new ClientFixture(change: options => options with { CleanStart = false });

        var result = await fixture.ConnectAsync("20 03 01 00 00 3A 07 0001 61 0005 00 78");

        Assert.True(result.Server!.SessionPresent);
        Assert.Equal(["a x 5"], await fixture.NextBatchAsync());
    }

    [Fact]
    public async Task Session_ResumedAfterACleanStart_IsAProtocolError()
    {
        var fixture = new ClientFixture();

        var result = await fixture.ConnectAsync("20 03 01 00 00");

        Assert.Equal((MqttConnectOutcome.Closed, MqttReasonCode.ProtocolError), (result.Outcome, result.Reason));
    }

    [Fact]
    public async Task Publishes_OfOneRead_AreOneBatchAndAckedInTheCallersOrder()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted5);

        await fixture.Server.SendAsync("32 07 0001 61 0001 00 78 32 07 0001 62 0002 00 79 30 05 0001 63 00 7A");

        Assert.Equal(["a x 1", "b y 2", "c z 0"], await fixture.NextBatchAsync());
        fixture.Server.ExpectSilence();
        fixture.Client.Acknowledge([1, 2]);
        Assert.Equal(1, (await fixture.Server.ReceiveAsync()).PacketId);
        Assert.Equal(2, (await fixture.Server.ReceiveAsync()).PacketId);
    }

    [Fact]
    public async Task Acknowledge_AfterTheClose_SendsNothing()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted5);
        await fixture.Server.SendAsync("32 07 0001 61 0001 00 78");
        await fixture.NextBatchAsync();
        var closing = fixture.Client.CloseAsync();
        await fixture.Server.CutAsync();
        await closing.WaitAsync(TimeSpan.FromSeconds(10));

        fixture.Client.Acknowledge([1]);

        Assert.Equal(MqttPacketType.Disconnect, (await fixture.Server.ReceiveAsync()).Type);
        await fixture.Server.ExpectEndAsync();
    }

    [Fact]
    public async Task Handler_NotDone_HoldsUpReadingButNotPings()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted5);
        var hold = new TaskCompletionSource();
        fixture.Hold = hold.Task;
        await fixture.Server.SendAsync("30 05 0001 61 00 78");
        await fixture.NextBatchAsync();
        await fixture.Server.SendAsync("30 05 0001 62 00 79");

        fixture.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Empty(fixture.Batches);
        Assert.Equal(MqttPacketType.PingReq, (await fixture.Server.ReceiveAsync()).Type);
        Assert.False(fixture.Client.Completion.IsCompleted);
        hold.SetResult();
        Assert.Equal(["b y 0"], await fixture.NextBatchAsync());
        Assert.False(fixture.Client.Completion.IsCompleted);
    }

    [Fact]
    public async Task Handler_ThatThrows_EndsTheConnectionWithItsException()
    {
        var fixture = new ClientFixture { Hold = Task.FromException(new FormatException("bug")) };
        await fixture.ConnectAsync(Accepted5);

        await fixture.Server.SendAsync("30 05 0001 61 00 78");

        var closed = await fixture.Client.Completion;
        Assert.Equal(MqttCloseCause.HandlerFailed, closed.Cause);
        Assert.IsType<FormatException>(closed.Exception);
    }

    [Fact]
    public async Task KeepAlive_WithAnswers_PingsOnAndWithoutThemGivesUp()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted5);
        fixture.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(MqttPacketType.PingReq, (await fixture.Server.ReceiveAsync()).Type);
        await fixture.Server.SendAsync("D0 00 30 05 0001 61 00 78");
        await fixture.NextBatchAsync();
        fixture.Time.Advance(TimeSpan.FromSeconds(14));
        Assert.False(fixture.Client.Completion.IsCompleted);

        fixture.Time.Advance(TimeSpan.FromSeconds(11));

        var closed = await fixture.Client.Completion;
        Assert.Equal((MqttCloseCause.PingTimeout, MqttReasonCode.KeepAliveTimeout), (closed.Cause, closed.Reason));
    }

    [Theory]
    [InlineData(MqttVersion.V5, Accepted5, "31 05 0001 61 00 78", "a x 0")]
    [InlineData(MqttVersion.V311, Accepted311, "31 04 0001 61 78", "a x 0 kept")]
    [InlineData(MqttVersion.V311, Accepted311, "30 04 0001 61 78", "a x 0")]
    public async Task RetainFlag_InEitherVersion_TellsKeptFromLive(
        MqttVersion version, string connAck, string publish, string seen)
    {
        var fixture = new ClientFixture(version);
        await fixture.ConnectAsync(connAck);

        await fixture.Server.SendAsync(publish);

        Assert.Equal([seen], await fixture.NextBatchAsync());
    }

    [Fact]
    public async Task TopicAlias_GivenOnce_StandsForItsTopic()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted5);

        await fixture.Server.SendAsync("30 08 0001 61 03 23 0001 78 30 07 0000 03 23 0001 79");

        Assert.Equal(["a x 0", "a y 0"], await fixture.NextBatchAsync());
    }

    [Theory]
    [InlineData("an alias never given", "30 07 0000 03 23 0001 79", MqttReasonCode.ProtocolError)]
    [InlineData("an alias above the maximum", "30 08 0001 61 03 23 0065 78", MqttReasonCode.TopicAliasInvalid)]
    [InlineData("a PUBREL before its PUBREC", "34 06 0001 61 0001 00 62 02 0001", MqttReasonCode.ProtocolError)]
    [InlineData("a second CONNACK", Accepted5, MqttReasonCode.ProtocolError)]
    [InlineData("an unasked PUBACK", "40 02 0001", MqttReasonCode.ProtocolError)]
    [InlineData("a PINGREQ", "C0 00", MqttReasonCode.ProtocolError)]
    [InlineData("reserved bits", "C1 00", MqttReasonCode.MalformedPacket)]
    public async Task Server_ThatBreaksTheProtocol_IsToldWhyAndLeft(string what, string hex, MqttReasonCode reason)
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted5);

        await fixture.Server.SendAsync(hex);

        var goodbye = await fixture.Server.ReceiveAsync();
        Assert.Equal((what, MqttPacketType.Disconnect, reason), (what, goodbye.Type, goodbye.Reason));
        await fixture.Server.ExpectEndAsync();
        Assert.Equal(MqttCloseCause.ProtocolError, (await fixture.Client.Completion).Cause);
    }

    [Fact]
    public async Task Server_ThatExceedsReceiveMaximum_IsHeardAllTheSame()
    {
        var fixture = new ClientFixture(change: options => options with { ReceiveMaximum = 1 });
        await fixture.ConnectAsync(Accepted5);

        await fixture.Server.SendAsync("32 06 0001 61 0001 00 32 06 0001 61 0002 00");

        Assert.Equal(2, (await fixture.NextBatchAsync()).Length);
    }

    [Fact]
    public async Task Server_ThatSaysGoodbye_IsQuoted()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted5);

        await fixture.Server.SendAsync("E0 07 8E 05 1F 0002 6E6F");

        var closed = await fixture.Client.Completion;
        Assert.Equal((MqttCloseCause.ServerDisconnect, MqttReasonCode.SessionTakenOver, "no"), (
            closed.Cause, closed.Reason, closed.Detail));
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }

    /// <summary>Takes everything until it is dead, and then nothing, like a socket whose peer has reset it.</summary>
    private sealed class DyingStream : MemoryStream
    {
        public volatile bool IsDead;

        public TaskCompletionSource Refused { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!IsDead)
            {
                return base.WriteAsync(buffer, cancellationToken);
            }

            Refused.TrySetResult();
            return ValueTask.FromException(new IOException("Broken pipe"));
        }
    }
}
