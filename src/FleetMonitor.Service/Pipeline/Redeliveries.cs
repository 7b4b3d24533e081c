using FleetMonitor.Ledger;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Service.Pipeline;

/// <summary>
/// Knows a message again that a broker delivers once more although it was committed: the ack may have been lost with its connection. Only for
/// messages that name no time of their own; for the others, their time says it (S3, S4).
/// </summary>
internal sealed class Redeliveries
{
    private readonly Dictionary<(string Source, ushort PacketId), ulong> _committed = [];

    public void Restore(IEnumerable<Redelivery> committed)
    {
        foreach (Redelivery redelivery in committed)
        {
            _committed[(redelivery.Source, redelivery.PacketId)] = redelivery.Fingerprint;
        }
    }

    public bool WasCommitted(string source, in RawMessage message) =>
        message.Redelivered && message.PacketId != 0
        && _committed.TryGetValue((source, message.PacketId), out ulong fingerprint) && fingerprint == Fingerprint.Of(message.Topic.Span, message.Payload.Span);

    public void Remember(string source, in RawMessage message, LedgerCommit commit)
    {
        if (message.PacketId == 0)
        {
            return;
        }

        ulong fingerprint = Fingerprint.Of(message.Topic.Span, message.Payload.Span);
        _committed[(source, message.PacketId)] = fingerprint;
        commit.Redeliveries.Add(new Redelivery(source, message.PacketId, fingerprint));
    }

    /// <summary>A new session counts its packets anew: what was committed under the numbers of the old one says nothing there.</summary>
    public void Forget(string source, LedgerCommit commit)
    {
        foreach ((string Source, ushort PacketId) known in _committed.Keys.Where(known => known.Source == source).ToList())
        {
            _committed.Remove(known);
        }

        commit.Redeliveries.RemoveAll(redelivery => redelivery.Source == source);
    }
}
