using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using FleetMonitor.Fleet;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Telemetry.Decoding;

/// <summary>What a topic says, worked out once: which message it is, whose, and in which time zone.</summary>
/// <param name="Fleet">The fleet it was worked out with; another one makes it void.</param>
/// <param name="Shape">Null where no profile reads the topic.</param>
/// <param name="Site">Empty where the payload is still to name the device.</param>
/// <param name="Device">Empty where the payload is still to name the device.</param>
/// <param name="Calendar">For times without a zone.</param>
/// <param name="Refusal">Why nothing on this topic can be taken, or null.</param>
internal sealed record Route(
    FleetSnapshot Fleet, MessageShape? Shape, string Site, string Device, DayCalendar? Calendar, Refusal? Refusal);

/// <summary>Remembers routes by their bytes, within bounds. Safe from any thread.</summary>
internal sealed class RouteCache(int capacity)
{
    /// <summary>Longer topics are looked up each time: they are rare, and remembering them would cost memory by the megabyte.</summary>
    private const int LongestKey = 512;

    private readonly ConcurrentDictionary<byte[], Route> _routes = new(BytesComparer.Instance);
    private int _count;

    public bool TryGet(ReadOnlySpan<byte> key, FleetSnapshot fleet, [NotNullWhen(true)] out Route? route) =>
        _routes.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out route) && ReferenceEquals(route.Fleet, fleet);

    public void Put(ReadOnlySpan<byte> key, Route route)
    {
        if (key.Length > LongestKey)
        {
            return;
        }

        if (Volatile.Read(ref _count) >= capacity)
        {
            _routes.Clear();
            Volatile.Write(ref _count, 0);
        }

        byte[] kept = key.ToArray();
        if (_routes.TryAdd(kept, route))
        {
            Interlocked.Increment(ref _count);
        }
        else
        {
            _routes[kept] = route;
        }
    }

    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly BytesComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            // Seeded anew by each process, so that nobody can choose topics that collide.
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
