using FleetMonitor.Anomalies;
using Xunit;

namespace FleetMonitor.Tests.Anomalies;

/// <summary>A watch that was put away and taken out is the same to the bit, whatever it remembers.</summary>
public sealed class PackedWatchTests
{
    /// <summary>Of any state, which share of its words is not zero.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(1)]
    public void PutAway_AnyState_ComesBackExactly(double used)
    {
        var random = new Random(7);
        PackedWatch packed = default;
        for (int round = 0; round < 200; round++)
        {
            // What was put away before, longer or shorter, leaves nothing behind.
            byte[] state = State(random, round % 3 == 0 ? random.NextDouble() : used);
            Watch(state).PutAway(ref packed);
            DeviceWatch other = Watch(State(random, 1));
            other.TakeOut(packed);
            Assert.Equal(state, Bytes(other));
        }
    }

    [Fact]
    public void TakeOut_OfNothingPutAway_IsAWatchThatKnowsNothing()
    {
        DeviceWatch watch = Watch(State(new Random(7), 1));
        watch.TakeOut(default(PackedWatch));
        Assert.Equal(Bytes(new DeviceWatch()), Bytes(watch));
    }

    [Fact]
    public void PutAway_OneThatRunsWell_NeedsNothingBesideAndMakesNoGarbage()
    {
        WatchedRig rig = new WatchedRig().Runs(TimeSpan.FromHours(3));
        PackedWatch packed = default;
        rig.Watch.PutAway(ref packed);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 100; round++)
        {
            rig.Watch.TakeOut(packed);
            rig.Watch.PutAway(ref packed);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, packed.BytesBeside);
    }

    private static DeviceWatch Watch(byte[] state)
    {
        var watch = new DeviceWatch();
        Assert.True(watch.TryRead(state));
        return watch;
    }

    private static byte[] State(Random random, double used)
    {
        byte[] state = new byte[DeviceWatch.SerializedSize];
        state[0] = Bytes(new DeviceWatch())[0];
        for (int word = 1; word + 4 <= state.Length; word += 4)
        {
            if (random.NextDouble() < used)
            {
                random.NextBytes(state.AsSpan(word, 4));
            }
        }

        return state;
    }

    private static byte[] Bytes(DeviceWatch watch)
    {
        byte[] bytes = new byte[DeviceWatch.SerializedSize];
        watch.WriteTo(bytes);
        return bytes;
    }
}
