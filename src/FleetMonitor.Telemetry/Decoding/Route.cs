using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using FleetMonitor.Fleet;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Telemetry.Decoding;

/// <summary>What a topic says, worked out once: which message it is, whose, and in which time zone.</summary>
/// <param name="fleet">The fleet it was worked out with; another one makes it void.</param>
/// <param name="shape">Null where no profile reads the topic.</param>
/// <param name="site">Empty where the payload is still to name the device.</param>
/// <param name="device">Empty where the payload is still to name the device.</param>
/// <param name="calendar">For times without a zone.</param>
/// <param name="refusal">Why nothing on this topic can be taken, or null.</param>
internal sealed class Route(
    FleetSnapshot fleet, MessageShape? shape, string site, string device, DayCalendar? calendar, Refusal? refusal) : TopicNote
{
    public FleetSnapshot Fleet { get; } = fleet;

    public MessageShape? Shape { get; } = shape;

    public string Site { get; } = site;

    public string Device { get; } = device;

    public DayCalendar? Calendar { get; } = calendar;

    public Refusal? Refusal { get; } = refusal;
}

/// <summary>
/// Remembers routes by their bytes, within bounds: those that nobody owns are forgotten each time so many have come. Names can be made up, an owner is not one
/// of them. Safe from any thread.
/// </summary>
internal sealed class RouteCache(int capacity)
{
    /// <summary>Longer topics are looked up each time: they are rare, and remembering them would cost memory by the megabyte.</summary>
    private const int LongestKey = 512;

    private readonly ConcurrentDictionary<byte[], Route> _routes = new(BytesComparer.Instance);
    private FleetSnapshot? _fleet;
    private int _come;

    public bool TryGet(ReadOnlySpan<byte> key, FleetSnapshot fleet, [NotNullWhen(true)] out Route? route) =>
        _routes.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out route) && ReferenceEquals(route.Fleet, fleet);

    public void Put(ReadOnlySpan<byte> key, Route route)
    {
        if (key.Length > LongestKey)
        {
            return;
        }

        if (!ReferenceEquals(Volatile.Read(ref _fleet), route.Fleet))
        {
            // What was worked out with another fleet is void, and would hold on to all of it.
            Volatile.Write(ref _fleet, route.Fleet);
            Volatile.Write(ref _come, 0);
            _routes.Clear();
        }
        else if (Volatile.Read(ref _come) >= capacity)
        {
            Volatile.Write(ref _come, 0);
            ForgetUnowned();
        }

        byte[] kept = key.ToArray();
        if (_routes.TryAdd(kept, route))
        {
            Interlocked.Increment(ref _come);
        }
        else
        {
            _routes[kept] = route;
        }
    }

    private void ForgetUnowned()
    {
        foreach (KeyValuePair<byte[], Route> known in _routes)
        {
            if (known.Value.Owner is null)
            {
                _routes.TryRemove(known);
            }
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
