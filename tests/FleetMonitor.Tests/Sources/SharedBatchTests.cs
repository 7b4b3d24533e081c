using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Mqtt;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Sources;
using FleetMonitor.Telemetry.Sources;
using FleetMonitor.Tests.Mqtt;
using Xunit;

namespace FleetMonitor.Tests.Sources;

public sealed class SharedBatchTests : IMessageReceiver
{
    private readonly List<string> _received = [];
    private readonly Client _rig1 = new();
    private readonly Client _rig2 = new();
    private readonly SharedBatch _shared;
    private Task _room = Task.CompletedTask;

    public SharedBatchTests() => _shared = new SharedBatch(this, new ManualTime());

    [Fact]
    public void Reads_OfASweep_AreHandedOverTogetherAtItsEnd_EachWithItsSender()
    {
        _shared.BeginSweep();
        Assert.True(Take("rig-1", _rig1, "a", "b").IsCompletedSuccessfully);
        Assert.True(Take("rig-2", _rig2, "c").IsCompletedSuccessfully);
        Assert.Empty(_received);

        Assert.Equal(3, _shared.EndSweep());

        Assert.Equal(["rig-1: a b, rig-2: c"], _received);
        Assert.Equal([1, 2], _rig1.Acknowledged);
        Assert.Equal([1], _rig2.Acknowledged);
    }

    [Fact]
    public void Sweep_WithoutReads_HandsOverNothing()
    {
        _shared.BeginSweep();

        Assert.Equal(0, _shared.EndSweep());

        Assert.Empty(_received);
    }

    [Fact]
    public void Read_OutsideOfASweep_IsHandedOverAtOnce()
    {
        Assert.True(Take("rig-1", _rig1, "a").IsCompletedSuccessfully);

        Assert.Equal(["rig-1: a"], _received);
    }

    [Fact]
    public async Task Reads_WhileThereIsNoRoom_WaitAndFollowInOrder()
    {
        var room = new TaskCompletionSource();
        _room = room.Task;
        _shared.BeginSweep();
        Assert.True(Take("rig-1", _rig1, "a").IsCompletedSuccessfully);
        _shared.EndSweep();

        Task second = Take("rig-1", _rig1, "b").AsTask();
        _shared.BeginSweep();
        Task third = Take("rig-2", _rig2, "c").AsTask();
        _shared.EndSweep();
        Assert.Equal(["rig-1: a"], _received);
        Assert.False(second.IsCompleted || third.IsCompleted);
        Assert.False(_shared.HasRoom);

        _room = Task.CompletedTask;
        room.SetResult();

        await Task.WhenAll(second, third).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(["rig-1: a", "rig-1: b, rig-2: c"], _received);
        Assert.True(_shared.HasRoom);
    }

    [Fact]
    public async Task Receiver_ThatFails_IsToldToWhoWaitsForIt()
    {
        var room = new TaskCompletionSource();
        _room = room.Task;
        _shared.BeginSweep();
        _ = Take("rig-1", _rig1, "a");
        _shared.EndSweep();
        Task second = Take("rig-1", _rig1, "b").AsTask();

        room.SetException(new FormatException("bug"));

        await Assert.ThrowsAsync<FormatException>(() => second.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    async ValueTask IMessageReceiver.ReceiveAsync(RawBatch batch, CancellationToken cancellation)
    {
        var parts = new List<string>();
        foreach (RawPart part in batch.Parts)
        {
            parts.Add($"{part.Source}: {string.Join(' ', part.Messages.ToArray().Select(message => Encoding.UTF8.GetString(message.Topic.Span)))}");
            part.Acknowledger!.Acknowledge([.. part.Messages.ToArray().Select(message => message.PacketId)]);
        }

        _received.Add(string.Join(", ", parts));
        batch.Dispose();
        await _room;
    }

    ValueTask<bool> IMessageReceiver.SessionLostAsync(string source, Instant from, Instant to, string detail, bool isNewSession) =>
        ValueTask.FromResult(true);

    private ValueTask Take(string source, Client client, params string[] topics) => _shared.TakeAsync(
        source,
        client,
        [.. topics.Select((topic, i) => new MqttMessage(
            Encoding.UTF8.GetBytes(topic), "{}"u8.ToArray(), (ushort)(i + 1), MqttQos.AtLeastOnce, false, false, false, default))]);

    private sealed class Client : IAcknowledger
    {
        public List<int> Acknowledged { get; } = [];

        public void Acknowledge(ReadOnlySpan<ushort> packetIds)
        {
            foreach (ushort id in packetIds)
            {
                Acknowledged.Add(id);
            }
        }
    }
}
