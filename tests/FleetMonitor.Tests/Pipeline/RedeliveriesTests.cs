using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry.Sources;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

public sealed class RedeliveriesTests
{
    private readonly LedgerCommit _commit = new() { Sequence = 1, Now = default };

    [Fact]
    public void Redelivery_OfWhatWasCommitted_IsKnown()
    {
        var redeliveries = new Redeliveries();
        redeliveries.Remember("a", Message(7, "x"), _commit);

        Assert.True(redeliveries.WasCommitted("a", Message(7, "x", again: true)));
        Assert.False(redeliveries.WasCommitted("a", Message(7, "x")));
        Assert.False(redeliveries.WasCommitted("a", Message(7, "y", again: true)));
        Assert.False(redeliveries.WasCommitted("a", Message(8, "x", again: true)));
        Assert.False(redeliveries.WasCommitted("b", Message(7, "x", again: true)));
    }

    [Fact]
    public void Sources_BeyondTheBound_PushOutTheOldestInMemoryAndInTheLedger()
    {
        var redeliveries = new Redeliveries(most: 3);
        foreach (string source in (string[])["a", "b", "b", "c", "d", "e"])
        {
            redeliveries.Remember(source, Message(1, source), _commit);
        }

        Assert.Equal([("a", (ushort)1), ("b", (ushort)1)], _commit.RedeliveriesGone);
        Assert.False(redeliveries.WasCommitted("b", Message(1, "b", again: true)));
        Assert.True(redeliveries.WasCommitted("c", Message(1, "c", again: true)));
        Assert.True(redeliveries.WasCommitted("e", Message(1, "e", again: true)));
    }

    [Fact]
    public void Sources_Restored_CountTowardsTheBound()
    {
        var redeliveries = new Redeliveries(most: 2);
        redeliveries.Restore([new Redelivery("a", 1, 1), new Redelivery("b", 1, 1), new Redelivery("c", 1, 1)]);

        redeliveries.Remember("d", Message(1, "d"), _commit);

        Assert.Equal([("a", (ushort)1), ("b", (ushort)1)], _commit.RedeliveriesGone);
    }

    [Fact]
    public void Session_ThatIsNew_IsForgottenAlone_AndFillsUpAnew()
    {
        var redeliveries = new Redeliveries(most: 2);
        redeliveries.Remember("a", Message(1, "x"), _commit);
        redeliveries.Remember("b", Message(1, "x"), _commit);

        redeliveries.Forget("a", _commit);
        Assert.Equal([("a", (ushort)1)], _commit.RedeliveriesGone);
        Assert.Equal(["b"], _commit.Redeliveries.Select(redelivery => redelivery.Source));
        Assert.False(redeliveries.WasCommitted("a", Message(1, "x", again: true)));

        redeliveries.Remember("a", Message(1, "y"), _commit);
        Assert.True(redeliveries.WasCommitted("b", Message(1, "x", again: true)));
        Assert.True(redeliveries.WasCommitted("a", Message(1, "y", again: true)));
    }

    private static RawMessage Message(ushort packetId, string payload, bool again = false) => new(
        "t"u8.ToArray(), System.Text.Encoding.UTF8.GetBytes(payload), new Instant(0), packetId, again, DeliveredAsRetained: false);
}
