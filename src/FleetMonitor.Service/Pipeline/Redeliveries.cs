using FleetMonitor.Ledger;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Service.Pipeline;

/// <summary>
/// Knows a message again that a broker delivers once more although it was committed: the ack may have been lost with its connection. Only for
/// messages that name no time of their own; for the others, their time says it (S3, S4).
/// </summary>
/// <param name="most">
/// Packet ids remembered, over all sources: the one that was new longest ago goes first. Only what a client had under way when its connection
/// broke can come again, so that a reconnecting fleet fits many times over, and clients that make up names cost no more than this.
/// </param>
internal sealed class Redeliveries(int most = Redeliveries.Most)
{
    private const int Most = 262_144;

    private readonly Dictionary<(string Source, ushort PacketId), ulong> _committed = [];
    private Queue<(string Source, ushort PacketId)> _byAge = [];
    private string _lastSource = "";

    public void Restore(IEnumerable<Redelivery> committed)
    {
        foreach (Redelivery redelivery in committed)
        {
            Remember((OneOf(redelivery.Source), redelivery.PacketId), redelivery.Fingerprint);
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

        (string Source, ushort PacketId) key = (OneOf(source), message.PacketId);
        ulong fingerprint = Fingerprint.Of(message.Topic.Span, message.Payload.Span);
        Remember(key, fingerprint);
        commit.Redeliveries.Add(new Redelivery(key.Source, key.PacketId, fingerprint));
        while (_byAge.Count > most)
        {
            (string Source, ushort PacketId) oldest = _byAge.Dequeue();
            _committed.Remove(oldest);
            commit.RedeliveriesGone.Add(oldest);
        }
    }

    /// <summary>A new session counts its packets anew: what was committed under the numbers of the old one says nothing there.</summary>
    public void Forget(string source, LedgerCommit commit)
    {
        foreach ((string Source, ushort PacketId) known in _committed.Keys.Where(known => known.Source == source).ToList())
        {
            _committed.Remove(known);
            commit.RedeliveriesGone.Add(known);
        }

        _byAge = new Queue<(string Source, ushort PacketId)>(_byAge.Where(_committed.ContainsKey));
        commit.Redeliveries.RemoveAll(redelivery => redelivery.Source == source);
    }

    private void Remember((string Source, ushort PacketId) key, ulong fingerprint)
    {
        if (_committed.TryAdd(key, fingerprint))
        {
            _byAge.Enqueue(key);
        }
        else
        {
            _committed[key] = fingerprint;
        }
    }

    /// <summary>Many messages of one source follow each other: they share its name.</summary>
    private string OneOf(string source)
    {
        if (source != _lastSource)
        {
            _lastSource = source;
        }

        return _lastSource;
    }
}
