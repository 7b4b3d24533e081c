using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using FleetMonitor.Fleet;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Telemetry.Decoding;

/// <summary>What topics of one message and site have in common.</summary>
/// <param name="Fleet">The fleet it was worked out with; another one makes it void.</param>
/// <param name="Shape">Null where no profile reads the topic.</param>
/// <param name="Site">Empty where the payload is still to name the device.</param>
/// <param name="Calendar">For times without a zone.</param>
/// <param name="Refusal">Why nothing on this topic can be taken, or null.</param>
internal sealed record RouteFacts(FleetSnapshot Fleet, MessageShape? Shape, string Site, DayCalendar? Calendar, Refusal? Refusal);

/// <summary>
/// What a topic says, worked out once: which message it is, whose, and in which time zone. There is one for every device's topic, so it is small.
/// </summary>
/// <param name="facts">Shared by all topics of which they hold.</param>
/// <param name="device">Empty where the payload is still to name the device.</param>
internal sealed class Route(RouteFacts facts, string device) : TopicNote
{
    /// <summary>The device's name; once there is an owner, who knows the name, the owner: one field for both.</summary>
    private object _device = device;

    public FleetSnapshot Fleet => facts.Fleet;

    public MessageShape? Shape => facts.Shape;

    public string Site => facts.Site;

    public override string Device => _device as string ?? ((ITopicOwner)_device).Device;

    public override ITopicOwner? Owner
    {
        get => _device as ITopicOwner;
        set => _device = value ?? (object)Device;
    }

    public DayCalendar? Calendar => facts.Calendar;

    public Refusal? Refusal => facts.Refusal;

    /// <summary>The next one in its bucket of the cache that remembers it; with the hash and the place of its key, the cache's own.</summary>
    internal Route? Next { get; set; }

    internal int Hash { get; set; }

    internal int Key { get; set; }
}

/// <summary>
/// Remembers routes by their bytes, within bounds: those that nobody owns are forgotten each time so many have come. Names can be made up, an owner is not one
/// of them. Safe from any thread, of which nearly always there is one.
/// </summary>
internal sealed class RouteCache(int capacity)
{
    /// <summary>Longer topics are looked up each time: they are rare, and remembering them would cost memory by the megabyte.</summary>
    private const int LongestKey = 512;
    private const int FewestBuckets = 64;

    private readonly Lock _lock = new();
    private Route?[] _buckets = new Route?[FewestBuckets];
    private KeyBytes _keys = new();
    private FleetSnapshot? _fleet;
    private int _count;
    private int _come;

    public bool TryGet(ReadOnlySpan<byte> key, FleetSnapshot fleet, [NotNullWhen(true)] out Route? route)
    {
        int hash = HashOf(key);
        lock (_lock)
        {
            route = Find(key, hash);
        }

        return route is not null && ReferenceEquals(route.Fleet, fleet);
    }

    public void Put(ReadOnlySpan<byte> key, Route route)
    {
        if (key.Length > LongestKey)
        {
            return;
        }

        lock (_lock)
        {
            if (!ReferenceEquals(_fleet, route.Fleet))
            {
                // What was worked out with another fleet is void, and would hold on to all of it.
                _fleet = route.Fleet;
                (_keys, _buckets, _count, _come) = (new(), new Route?[FewestBuckets], 0, 0);
            }
            else if (_come >= capacity)
            {
                _come = 0;
                ForgetUnowned();
            }

            route.Hash = HashOf(key);
            if (Find(key, route.Hash) is null)
            {
                if (_count == _buckets.Length)
                {
                    DoubleBuckets();
                }

                route.Key = _keys.Add(key);
                Link(route);
                _come++;
            }
        }
    }

    private static int HashOf(ReadOnlySpan<byte> key)
    {
        // Seeded anew by each process, so that nobody can choose topics that collide.
        var hash = default(HashCode);
        hash.AddBytes(key);
        return hash.ToHashCode();
    }

    private ref Route? Bucket(int hash) => ref _buckets[hash & (_buckets.Length - 1)];

    private Route? Find(ReadOnlySpan<byte> key, int hash)
    {
        Route? route = Bucket(hash);
        while (route is not null && !(route.Hash == hash && _keys.IsAt(route.Key, key)))
        {
            route = route.Next;
        }

        return route;
    }

    private void Link(Route route)
    {
        ref Route? first = ref Bucket(route.Hash);
        route.Next = first;
        first = route;
        _count++;
    }

    private void DoubleBuckets()
    {
        int buckets = _buckets.Length;
        Array.Resize(ref _buckets, 2 * buckets);
        LinkAgain(buckets, static _ => true);
    }

    private void ForgetUnowned()
    {
        int known = _count;
        LinkAgain(_buckets.Length, static route => route.Owner is not null);
        if (_count == known)
        {
            return;
        }

        KeyBytes keys = new();
        for (int bucket = 0; bucket < _buckets.Length; bucket++)
        {
            for (Route? route = _buckets[bucket]; route is not null; route = route.Next)
            {
                route.Key = keys.Add(_keys.At(route.Key));
            }
        }

        _keys = keys;
    }

    /// <summary>In place, as there may be a million of them: each lands where it was, or in a bucket behind those that held all.</summary>
    /// <param name="buckets">The first so many hold all.</param>
    private void LinkAgain(int buckets, Predicate<Route> isKept)
    {
        _count = 0;
        for (int bucket = 0; bucket < buckets; bucket++)
        {
            (Route? route, _buckets[bucket]) = (_buckets[bucket], null);
            while (route is not null)
            {
                Route? next = route.Next;
                if (isKept(route))
                {
                    Link(route);
                }

                route = next;
            }
        }
    }

    /// <summary>
    /// The bytes of many keys, one after the other. Topics of one fleet are much alike: only what a key does not share with the first of its slab
    /// is kept.
    /// <code>begins as the first does (1) · ends as the first does (1) · length between (2) · bytes between</code>
    /// </summary>
    private sealed class KeyBytes
    {
        private const int SlabShift = 14;
        private const int SlabSize = 1 << SlabShift;
        private const int HeadSize = 2 + sizeof(ushort);

        private readonly List<byte[]> _slabs = [];
        private int _used = SlabSize;

        public bool IsAt(int place, ReadOnlySpan<byte> key)
        {
            Parts(place, out ReadOnlySpan<byte> begin, out ReadOnlySpan<byte> between, out ReadOnlySpan<byte> end);
            return key.Length == begin.Length + between.Length + end.Length
                && key.Slice(begin.Length, between.Length).SequenceEqual(between)
                && key.StartsWith(begin)
                && key.EndsWith(end);
        }

        public byte[] At(int place)
        {
            Parts(place, out ReadOnlySpan<byte> begin, out ReadOnlySpan<byte> between, out ReadOnlySpan<byte> end);
            return [.. begin, .. between, .. end];
        }

        /// <returns>Its place.</returns>
        public int Add(ReadOnlySpan<byte> key)
        {
            if (_used + HeadSize + key.Length > SlabSize)
            {
                _slabs.Add(GC.AllocateUninitializedArray<byte>(SlabSize));
                _used = 0;
            }

            ReadOnlySpan<byte> first = _used == 0 ? [] : Between(_slabs[^1]);
            int begins = Math.Min(key.CommonPrefixLength(first), byte.MaxValue);
            int ends = CommonEnd(key[begins..], first[begins..]);
            ReadOnlySpan<byte> between = key[begins..^ends];
            int place = ((_slabs.Count - 1) << SlabShift) | _used;
            Span<byte> into = _slabs[^1].AsSpan(_used);
            (into[0], into[1]) = ((byte)begins, (byte)ends);
            MemoryMarshal.Write(into[2..], (ushort)between.Length);
            between.CopyTo(into[HeadSize..]);
            _used += HeadSize + between.Length;
            return place;
        }

        private void Parts(int place, out ReadOnlySpan<byte> begin, out ReadOnlySpan<byte> between, out ReadOnlySpan<byte> end)
        {
            ReadOnlySpan<byte> slab = _slabs[place >> SlabShift];
            ReadOnlySpan<byte> from = slab[(place & (SlabSize - 1))..];
            ReadOnlySpan<byte> first = Between(slab);
            begin = first[..from[0]];
            between = Between(from);
            end = first[^from[1]..];
        }

        /// <summary>Of the first of a slab, which shares nothing with another: all of it.</summary>
        private static ReadOnlySpan<byte> Between(ReadOnlySpan<byte> from) => from.Slice(HeadSize, MemoryMarshal.Read<ushort>(from[2..]));

        private static int CommonEnd(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
        {
            int most = Math.Min(Math.Min(left.Length, right.Length), byte.MaxValue);
            int same = 0;
            while (same < most && left[^(same + 1)] == right[^(same + 1)])
            {
                same++;
            }

            return same;
        }
    }
}
