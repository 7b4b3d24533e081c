using FleetMonitor.Anomalies;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Ledger.Evidence;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Service.Pipeline;

/// <summary>A device's state as a checkpoint keeps it, and back. For one thread at a time.</summary>
internal sealed class DeviceStateCodec(MeterContexts contexts)
{
    private const byte Version = 3;

    /// <summary>Runs were written otherwise then, and say so themselves.</summary>
    private const byte OldestVersion = 2;

    private readonly ByteWriter _bytes = new();
    private readonly byte[] _watch = new byte[DeviceWatch.SerializedSize];
    private Reading[] _buffer = [];

    public byte[] Write(TrackedDevice device)
    {
        _bytes.Clear();
        _bytes.Byte(Version);
        _bytes.Unsigned((ulong)contexts.NumberOf(device.Context));
        _bytes.Byte(device.Traits.Modulus is null ? (byte)0 : (byte)1);
        _bytes.Signed(device.Traits.Modulus?.MicrowattHours ?? 0);
        _bytes.Signed(device.Traits.DisplayStep.MicrowattHours);
        _bytes.Signed(device.LastReceived.UnixMilliseconds);
        ReadingBlockCodec.Write(_bytes, device.Last is { } last ? [last] : []);
        MeterRunCodec.Write(_bytes, device.Meter.Anchor);
        ReadingBlockCodec.Write(_bytes, device.Meter.Buffered());
        _bytes.Unsigned((ulong)device.Meter.SettledCount);
        _bytes.Byte(device.Meter.ArchivedThrough is null ? (byte)0 : (byte)1);
        _bytes.Signed(device.Meter.ArchivedThrough?.UnixMilliseconds ?? 0);
        device.TakeOutWatch().WriteTo(_watch);
        _bytes.Bytes(_watch);
        return _bytes.ToArray();
    }

    /// <exception cref="LedgerException">The state is damaged or a newer version's.</exception>
    public void Read(ReadOnlySpan<byte> state, TrackedDevice device)
    {
        var bytes = new ByteReader(state);
        if (bytes.Byte() is not (>= OldestVersion and <= Version))
        {
            throw new LedgerCorruptException($"the state of {device.Key} is of no version this program knows");
        }

        device.Context = contexts[(int)bytes.Unsigned()];
        bool wraps = bytes.Byte() != 0;
        var modulus = new Energy(bytes.Signed());
        device.Traits = new RegisterTraits(wraps ? modulus : null, new Energy(bytes.Signed()));
        var lastReceived = new Instant(bytes.Signed());
        ReadOnlySpan<Reading> lastRead = ReadingBlockCodec.Read(ref bytes, ref _buffer);
        Reading? last = lastRead.IsEmpty ? null : lastRead[0];
        MeterRun anchor = MeterRunCodec.Read(ref bytes);
        ReadOnlySpan<Reading> buffer = ReadingBlockCodec.Read(ref bytes, ref _buffer);
        int settled = (int)bytes.Unsigned();
        bool archived = bytes.Byte() != 0;
        var archivedThrough = new Instant(bytes.Signed());
        device.Meter.Restore(anchor, buffer, settled, archived ? archivedThrough : null, device.Context);
        device.RestoreLast(last, lastReceived);
        // A watch of another version learns anew: it touches neither metering nor money.
        DeviceWatch watch = device.TakeOutWatch();
        watch.TryRead(bytes.Bytes());
        device.PutAway(watch);
    }
}
